// Asks sparql-http-client in each of its ways: {"endpoint": …, "select": …, …} → {operation: {"select": rows, …}, "store": n}.
import { readFileSync } from 'node:fs';
import ParsingClient from 'sparql-http-client/ParsingClient.js';
import StreamClient from 'sparql-http-client/StreamClient.js';

const task = JSON.parse(readFileSync(0, 'utf8'));
const parsing = new ParsingClient({ endpointUrl: task.endpoint });
const streaming = new StreamClient({ endpointUrl: task.endpoint, storeUrl: task.store });
const values = (row) => Object.fromEntries(Object.entries(row).map(([name, one]) => [name, one.value]));
const told = {};

for (const operation of ['get', 'postUrlencoded', 'postDirect']) {
  const streamed = [];
  for await (const row of streaming.query.select(task.select, { operation })) streamed.push(values(row));
  told[operation] = {
    select: (await parsing.query.select(task.select, { operation })).map(values),
    streamed,
    construct: (await parsing.query.construct(task.construct, { operation })).size,
    ask: await parsing.query.ask(task.ask, { operation }),
    wrong: await parsing.query.select(task.wrong, { operation }).then(() => null, (error) => error.status),
  };
}
told.store = 0;
for await (const _ of streaming.store.get(streaming.factory.namedNode(task.graph))) told.store += 1;
process.stdout.write(JSON.stringify(told), () => process.exit(0));
