// node-postgres over TLS: simple and prepared statements, types, cursors, COPY streams,
// notifications, errors field by field, transactions, a pool, cancelling.
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';

const { PORT, CA, TOKEN } = process.env;
const settings = {
  host: 'localhost',
  port: Number(PORT),
  user: 'insights-bot',
  database: 'billing',
  password: TOKEN,
  ssl: { ca: readFileSync(CA, 'utf8') },
  application_name: 'report',
  statement_timeout: 30_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 60_000,
};
const show = (what, ...values) => console.log(what, JSON.stringify(values));

async function refused(query) {
  const error = await query.then(() => ({}), (error) => error);
  const { severity, code, position, constraint, table } = error;
  return [severity, code, position, constraint, table, error.detail !== undefined, error.hint !== undefined];
}

async function statements(client) {
  const several = await client.query('SELECT 1 AS one; SELECT name, email FROM customers WHERE id = 2; SELECT 3 WHERE false');
  show('several', ...several.map((result) => [result.command, result.rowCount, result.rows]));
  show('parameters', (await client.query('SELECT $1::int4 + 1 AS next, $2::text AS none', [41, null])).rows[0]);
  const named = (id) => client.query({ name: 'by id', text: 'SELECT name, email, phone FROM customers WHERE id = $1', values: [id] });
  show('prepared', (await named(1)).rows[0], (await named(3)).rows[0]);
  const arrays = await client.query({ text: 'SELECT id, card FROM customers ORDER BY id LIMIT 1', rowMode: 'array' });
  show('array', arrays.rows, arrays.fields.map(({ name, dataTypeID }) => [name, dataTypeID]));
  show('binary', (await client.query({ text: 'SELECT 7::int4 AS seven, email FROM customers WHERE id = 1', binary: true })).rows[0]);
  show('empty', (await client.query('')).command);
  const types = await client.query(
    'SELECT $1::int8 AS int8, $2::numeric AS numeric, $3::bool AS bool, $4::jsonb AS jsonb, $5::text[] AS texts, ' +
    '$6::bytea AS bytea, $7::timestamptz AS at, $8::float8 AS float8',
    ['9007199254740993', '1.50', true, { a: [1] }, ['a,b', null], Buffer.from([0, 255]), new Date(0), 0.1],
  );
  show('types', types.rows[0]);
}

async function errors(client) {
  show('syntax', ...(await refused(client.query('SELECT 1 FRM customers'))));
  show('division', ...(await refused(client.query('SELECT 1 / $1::int4', [0]))));
  show('unique', ...(await refused(client.query("INSERT INTO invoices VALUES (1001, 1, 1, 'again')"))));
  show('denied', ...(await refused(client.query('SELECT secret FROM payroll'))));
  await client.query('BEGIN');
  await client.query('INSERT INTO invoices VALUES (1, 1, 1)');
  show('denied', ...(await refused(client.query('SELECT secret FROM payroll WHERE employee = $1', ['x']))));
  show('aborted', ...(await refused(client.query('SELECT 1'))));
  show('rolled back', (await client.query('COMMIT')).command);
  show('nothing', (await client.query('SELECT count(*) FROM invoices WHERE id = 1')).rows[0].count);
}

async function cursors(client) {
  const cursor = client.query(new Cursor('SELECT id, email FROM customers WHERE id > $1 ORDER BY id', [0]));
  show('cursor', await cursor.read(2), await cursor.read(2), await cursor.read(2));
  await cursor.close();
  const early = client.query(new Cursor('SELECT id FROM customers'));
  show('early', (await early.read(1)).length);
  await early.close();
}

async function copies(client) {
  const rows = Array.from({ length: 900 }, (_, n) => `${n + 1}\t1\t${n}\t${'x'.repeat(50)}\n`);
  await pipeline(Readable.from(rows), client.query(copyFrom('COPY invoices FROM STDIN')));
  const whole = await text(client.query(copyTo('COPY (SELECT id, amount FROM invoices WHERE id < 1000 ORDER BY id) TO STDOUT')));
  show('copied', whole.split('\n').length - 1, whole.slice(0, 14));
  show('masked', await text(client.query(copyTo('COPY (SELECT email, card FROM customers ORDER BY id) TO STDOUT (FORMAT csv)'))));
  const bad = pipeline(Readable.from(['not a number\t1\t1\tx\n']), client.query(copyFrom('COPY invoices FROM STDIN')));
  show('refused', ...(await refused(bad)));
  show('goes on', (await client.query('DELETE FROM invoices WHERE id < 1000')).rowCount);
}

async function notifications(client) {
  const heard = new Promise((resolve) => client.once('notification', ({ channel, payload }) => resolve([channel, payload])));
  await client.query('LISTEN news');
  await client.query("NOTIFY news, 'paid'");
  show('heard', ...(await heard));
  await client.query('UNLISTEN *');
}

async function cancelled(client) {
  const sleep = new pg.Query('SELECT pg_sleep(60)');
  const ended = new Promise((resolve) => sleep.once('error', resolve));
  client.query(sleep);
  const again = setInterval(() => new pg.Client({ ...settings, ssl: false }).cancel(client, sleep), 500);
  show('cancelled', (await ended).code);
  clearInterval(again);
  show('alive', (await client.query('SELECT 1 AS one')).rows);
}

const client = new pg.Client(settings);
await client.connect();
for (const part of [statements, errors, cursors, copies, notifications, cancelled]) await part(client);
await client.end();

const pool = new pg.Pool({ ...settings, max: 3 });
const sums = await Promise.all(Array.from({ length: 20 }, (_, n) => pool.query('SELECT $1::int4 AS n', [n])));
show('pool', sums.reduce((sum, { rows }) => sum + rows[0].n, 0), pool.totalCount);
await pool.end();

const stranger = await refused(new pg.Client({ ...settings, ssl: true }).connect());
show('stranger', stranger[1]);
