"""libpq 18 logs in by OAUTHBEARER: it learns from the server where tokens come from, and
the program gives it one from there. psycopg does not offer libpq's hook for that, so it is
set by ctypes in the very library that psycopg has loaded."""
import base64, ctypes, glob, json, os, urllib.request
import psycopg, psycopg_binary

BEARER_TOKEN = 1  # PQAUTHDATA_OAUTH_BEARER_TOKEN


class Request(ctypes.Structure):
    """PGoauthBearerRequest of libpq-fe.h."""

    _fields_ = [
        ("openid_configuration", ctypes.c_char_p),
        ("scope", ctypes.c_char_p),
        ("run", ctypes.c_void_p),
        ("cleanup", ctypes.c_void_p),
        ("token", ctypes.c_char_p),
        ("user", ctypes.c_void_p),
    ]


def fetch(url, data=None, headers={}):
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=20) as answer:
        return json.load(answer)


def new_token(configuration):
    """By client credentials, from where the discovery document says."""
    endpoint = fetch(configuration)["token_endpoint"]
    client = os.environ["CLIENT"] + ":" + os.environ["SECRET"]
    basic = {"Authorization": "Basic " + base64.b64encode(client.encode()).decode()}
    return fetch(endpoint, b"grant_type=client_credentials", basic)["access_token"]


kept = []


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(Request))
def hook(kind, connection, request):
    if kind != BEARER_TOKEN:
        return 0
    configuration = request.contents.openid_configuration.decode()
    token = os.environ.get("GIVEN") or new_token(configuration)
    kept.append(token.encode())
    print("asked for", configuration.removeprefix(os.environ["ISSUER"]), request.contents.scope)
    request.contents.token = kept[-1]
    return 1


folder = os.path.dirname(os.path.dirname(psycopg_binary.__file__))
(library,) = glob.glob(folder + "/psycopg_binary.libs/libpq-*.so*")
ctypes.CDLL(library).PQsetAuthDataHook(hook)

assert psycopg.pq.version() >= 180000, psycopg.pq.version()
oauth = dict(oauth_issuer=os.environ["ISSUER"], oauth_client_id="insights-bot")
for extra in [{}, {"require_auth": "oauth"}, {"sslnegotiation": "direct"}]:
    try:
        with psycopg.connect(os.environ["DSN"], **oauth, **extra) as connection:
            print(connection.execute("SELECT name, email FROM customers WHERE id = 1").fetchone())
    except psycopg.OperationalError as error:
        print(str(error).replace("\n", " "))
