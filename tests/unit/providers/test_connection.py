"""Does an office without hosts of its own get along without what hosts need?"""

from provisioner import providers
from provisioner.facts.estate import Estate


def test_an_office_whose_services_are_all_called_from_here_has_no_connection_to_close() -> None:
    providers.close_connections(Estate(hosts={}, variables={"zone": "kota.lab"}))
