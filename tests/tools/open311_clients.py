"""A partner's afternoon, with clients of the standard that know nothing of us.

    open311_clients.py ENDPOINT KEY FIELDS

Sends FIELDS (a JSON object) as one request, and prints as one JSON object what each client understood."""

import itertools
import json
import sys

itertools.ifilter = filter  # three was written for Python 2

import requests
import three
import xmltodict
from georeport import GeoReport

endpoint, key, fields = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
code = fields.pop("service_code")
base = endpoint + "/v2"
client = three.Three(base, api_key=key, discovery=endpoint + "/discovery.json")
in_xml = three.Three(base, api_key=key, format="xml")


def xml(raw):
    return xmltodict.parse(raw)


told = {
    "discovery": client.discovery(),
    "discovery_xml": xml(requests.get(endpoint + "/discovery.xml").content),
    "services": client.services(),
    "services_xml": GeoReport(base, output_format="xml").get_service_list(),
    "services_other": GeoReport(base).get_service_list(),
    "definition": client.services(code),
    "definition_xml": GeoReport(base, output_format="xml").get_service_definition(code),
    "created": client.post(code, **fields),
    "created_xml": None,
}
in_xml.convert = lambda content, conversion: xml(content)
told["created_xml"] = in_xml.post(code, **fields)
reference = told["created"][0]["service_request_id"]
told |= {
    "read": client.request(reference, api_key=key),
    "read_xml": in_xml.request(reference, api_key=key),
    "listed": client.requests(api_key=key),
    "listed_by_code": client.requests(code, api_key=key, status="open", count=1),
    "listed_xml": in_xml.requests(api_key=key),
    "read_by_nobody": client.request(reference),
    "listed_by_nobody": client.requests(),
    "listed_by_a_stranger": client.requests(api_key="a key that is none"),
    "token": client.token("1", api_key=key),
    "refused_xml": in_xml.post(code, api_key=key),
}
print(json.dumps(told))
