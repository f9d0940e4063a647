// A real OpenID Connect issuer for the tests and the demo: npm `oidc-provider`
// on loopback, with discovery, JWKS and a token endpoint whose
// client_credentials grant answers with a signed JWT (RFC 9068) that carries
// the client's groups.
//
//   node issuer.mjs --clients clients.json [--port 0] [--ttl 300]
//                   [--audience narrowgate] [--alg RS256|ES256]
//
// clients.json is a list of
//   { "client_id": "…", "client_secret": "…", "subject": "…", "groups": ["…"],
//     "ttl": 60 }
// where subject (default: client_id), groups (default: none) and ttl (seconds,
// default: --ttl) may be left out.
//
// Standard output carries one line per event:
//   listening http://127.0.0.1:PORT     once, when requests are answered
//   rotated KID                         after SIGHUP: KID signs from now on; the
//                                       older keys are still published
//   retired                             after SIGUSR2: only the newest key is
//                                       published
//
// Keys live in memory only: a restarted issuer is an issuer with new keys.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import Provider, { errors } from 'oidc-provider';

// Any absolute URI would do: RFC 8707 wants one for a resource, while the
// token's `aud` is what --audience says.
const RESOURCE = 'urn:narrowgate:gateway';

const { values: options } = parseArgs({
  options: {
    clients: { type: 'string' },
    port: { type: 'string', default: '0' },
    ttl: { type: 'string', default: '300' },
    audience: { type: 'string', default: 'narrowgate' },
    alg: { type: 'string', default: 'RS256' },
  },
});

const port = wholeNumber('port', options.port, 0, 65535);
const defaultTtl = wholeNumber('ttl', options.ttl, 1, 86_400);
const clients = readClients(options.clients);
let keys = [newKey(options.alg)];

// oidc-provider reads its keys once, so a rotation makes another provider and
// the server hands requests to whichever is current.
let current;
const server = createServer((request, response) => current(request, response));

server.listen(port, '127.0.0.1', () => {
  current = provider();
  console.log(`listening ${url()}`);
});

process.on('SIGHUP', () => {
  keys = [newKey(options.alg), ...keys];
  current = provider();
  console.log(`rotated ${keys[0].kid}`);
});
process.on('SIGUSR2', () => {
  keys = [keys[0]];
  current = provider();
  console.log('retired');
});
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => process.exit(0));
}

function provider() {
  return quietly(() => new Provider(url(), configuration())).callback();
}

function configuration() {
  return {
    clients: [...clients.values()].map((client) => ({
      client_id: client.client_id,
      client_secret: client.client_secret,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      // No id_token is ever issued; the default of RS256 would ask for an RSA key.
      id_token_signed_response_alg: options.alg,
    })),
    jwks: { keys },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        getResourceServerInfo: (_context, resource, client) => {
          if (resource !== RESOURCE) throw new errors.InvalidTarget();
          return {
            scope: '',
            audience: options.audience,
            accessTokenFormat: 'jwt',
            accessTokenTTL: clients.get(client.clientId).ttl,
            jwt: { sign: { alg: options.alg } },
          };
        },
      },
    },
    ttl: { ClientCredentials: (_context, token) => token.resourceServer.accessTokenTTL },
    extraTokenClaims: (_context, token) => ({ groups: clients.get(token.clientId).groups }),
    formats: {
      customizers: {
        jwt: (_context, token, jwt) => {
          jwt.payload.sub = clients.get(token.clientId).subject;
        },
      },
    },
  };
}

function readClients(path) {
  if (path === undefined) fail('--clients FILE is missing');
  const read = new Map();
  for (const client of JSON.parse(readFileSync(path, 'utf8'))) {
    const { client_id, client_secret, subject = client_id, groups = [], ttl = defaultTtl } = client;
    if (!client_id || !client_secret) fail(`${path}: a client needs client_id and client_secret`);
    read.set(client_id, { client_id, client_secret, subject, groups, ttl });
  }
  return read;
}

function newKey(alg) {
  const made = {
    RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  }[alg];
  if (made === undefined) fail(`--alg ${alg}: RS256 or ES256 is wanted`);
  const { privateKey, publicKey } = made();
  const kid = createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64url')
    .slice(0, 16);
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

// The provider warns about plain http and in-memory storage; both are the point here.
function quietly(make) {
  const { warn, info } = console;
  console.warn = console.info = () => {};
  try {
    return make();
  } finally {
    Object.assign(console, { warn, info });
  }
}

function url() {
  return `http://127.0.0.1:${server.address().port}`;
}

function wholeNumber(name, text, least, most) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    fail(`--${name} ${text}: a whole number from ${least} to ${most} is wanted`);
  }
  return value;
}

function fail(message) {
  console.error(`issuer: ${message}`);
  process.exit(2);
}
