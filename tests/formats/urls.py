"""Opens an address with requests and with urllib, as scripts do that know nothing of sessions."""

import sys
import urllib.request

import requests

print(requests.get(sys.argv[1]).text, urllib.request.urlopen(sys.argv[1]).read().decode())
