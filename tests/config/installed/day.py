"""Some minutes of a day: as many strangers as are asked for try to sign in, and the platform answers each of them."""

import http.cookiejar
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

ORIGIN = "https://localhost:8443"


def try_to_sign_in(login: str) -> None:
    """Fill in the form as a browser does; what was answered is recorded."""
    trust = ssl.create_default_context(cafile="/var/lib/sekisho/caddy/pki/authorities/local/root.crt")
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust), cookies)
    form = opener.open(f"{ORIGIN}/sign-in/", timeout=30).read().decode()
    token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    fields = {"login": login, "password": "wrong", "csrfmiddlewaretoken": token}
    data = urllib.parse.urlencode(fields).encode()
    try:
        opener.open(urllib.request.Request(f"{ORIGIN}/sign-in/", data, {"Referer": f"{ORIGIN}/sign-in/"}), timeout=30)
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            raise


for number in range(int(sys.argv[1])):
    try_to_sign_in(f"stranger{number}")
