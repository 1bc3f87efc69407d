// What does a page do beyond its forms? Copies, counts seconds, keeps what is typed, follows a run. Without it all still works.
"use strict";

const words = (seconds) => (seconds < 60 ? `${seconds} detik` : `${Math.floor(seconds / 60)} menit ${seconds % 60} detik`);

const clock = (at) => new Intl.DateTimeFormat("id-ID", {
  timeZone: document.body.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit",
}).format(new Date(at));

const tick = () => {
  for (const place of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(place.dataset.since)) / 1000));
    place.textContent = words(seconds);
  }
};

const prepare = (root) => {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  for (const field of root.querySelectorAll("[data-search]")) field.hidden = false;
  // Nothing typed is lost when the login ends: it waits in this tab, under the address its form goes to.
  for (const field of root.querySelectorAll("[data-draft]")) {
    field.value = field.value || sessionStorage.getItem(draftKey(field)) || "";
  }
  tick();
};

const draftKey = (field) => `${new URL(field.form.action).pathname}#${field.id}`;

const addLogLine = (log, event) => {
  if (log.querySelector(`[data-sequence="${event.sequence}"]`)) return;
  const line = document.createElement("div");
  line.dataset.sequence = event.sequence;
  const time = document.createElement("time");
  time.textContent = clock(event.at);
  line.append(time, " ", event.task ? `${event.task} ` : "", event.text);
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(line);
  if (atEnd) log.scrollTop = log.scrollHeight;
  document.getElementById("banyak-catatan").textContent = log.children.length;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const said = button.textContent;
  button.textContent = "Tersalin";
  setTimeout(() => { button.textContent = said; }, 1500);
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.matches("[data-draft]")) sessionStorage.setItem(draftKey(field), field.value);
  if (field.matches("[data-search]")) {
    const wanted = field.value.toLowerCase();
    for (const line of document.getElementById(field.dataset.search).children) {
      line.hidden = !line.textContent.toLowerCase().includes(wanted);
    }
  }
});

document.addEventListener("htmx:sseBeforeMessage", (event) => {
  if (event.target.id !== "catatan") return;
  event.preventDefault();
  addLogLine(event.target, JSON.parse(event.detail.data));
});

// A lost connection is said, and htmx takes it up again by itself; what was missed comes by its sequence number.
const tellLive = (words) => {
  const place = document.querySelector("[data-live-state]");
  if (!place) return;
  place.hidden = !words;
  place.textContent = words;
};

document.addEventListener("htmx:sseError", () => tellLive("Sambungan terputus; disambung lagi dengan sendirinya. Pelaksanaan tetap berjalan."));
document.addEventListener("htmx:sseOpen", () => tellLive(""));

// The run has ended: the page is read once more whole, with verdicts and what can be done next.
document.addEventListener("htmx:sseClose", (event) => {
  if (event.detail.type === "message") location.reload();
});

document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));
document.addEventListener("DOMContentLoaded", () => {
  prepare(document);
  document.querySelector(".g-problem")?.focus();
  setInterval(tick, 1000);
});
