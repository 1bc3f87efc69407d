// What does a form do beyond being posted? Shows a field where it is asked, and keeps what is typed until it is saved.
// Without it every field is shown with its condition, and works.
"use strict";

const arrange = (form) => {
  for (const block of form.querySelectorAll("[data-needs]")) {
    const values = new FormData(form).getAll(block.dataset.needs);
    const asked = values.some((value) => block.dataset.needsValues.split(" ").includes(value));
    block.hidden = !asked && !block.classList.contains("g-field-wrong");
    for (const field of block.querySelectorAll("input:not([data-never]), select")) field.disabled = block.hidden;
  }
};

// `data-keep` names the version the server has: what was typed into another version was saved since, and is forgotten.
const keptUnder = (form) => `form ${new URL(form.action).pathname}`;

const keep = (form) => {
  const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrf" && typeof value === "string");
  sessionStorage.setItem(keptUnder(form), JSON.stringify({ of: form.dataset.keep, fields }));
};

const restore = (form) => {
  const kept = JSON.parse(sessionStorage.getItem(keptUnder(form)) || "null");
  if (!kept || kept.of !== form.dataset.keep) return;
  for (const field of form.elements) {
    const values = kept.fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
    else if (values.length && field.type !== "hidden") [field.value] = values;
  }
};

document.addEventListener("input", (event) => {
  const { form } = event.target;
  if (!form) return;
  arrange(form);
  if (form.dataset.keep) keep(form);
});

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-keep]")) restore(form);
  for (const form of document.forms) arrange(form);
});
