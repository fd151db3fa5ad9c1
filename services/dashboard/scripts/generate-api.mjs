// Types and field rules from docs/openapi.json: `node scripts/generate-api.mjs [--check]`. With --check nothing is written, and
// drift ends with 1.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../../../docs/openapi.json', import.meta.url);
const document = JSON.parse(await readFile(source, 'utf8'));
const head = '// Generated from docs/openapi.json by `python -m services.dashboard generate`. Do not edit.\n';

const FORMS = ['OfferIn', 'IntentIn', 'DisputeIn', 'DepositIn', 'WithdrawalIn', 'KeyIn', 'ApproveIn', 'RejectIn'];
const KEPT = [
  'type',
  'description',
  'default',
  'enum',
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
];

/** What a form needs to know of a field; `null` in a union only says that the field may be left out. */
function rule(schema, required) {
  const shape = schema.anyOf ? { ...schema.anyOf.find((part) => part.type !== 'null'), ...schema } : schema;
  const kept = Object.fromEntries(KEPT.filter((key) => shape[key] !== undefined).map((key) => [key, shape[key]]));
  return { ...kept, required };
}

const rules = Object.fromEntries(
  FORMS.map((name) => {
    const { properties, required = [] } = document.components.schemas[name];
    return [
      name,
      Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, rule(value, required.includes(key))])),
    ];
  }),
);

const wanted = {
  'schema.d.ts': head + astToString(await openapiTS(document)),
  'rules.ts': `${head}export const RULES = ${JSON.stringify(rules, null, 2)} as const;\n`,
};

let drifted = false;
for (const [name, text] of Object.entries(wanted)) {
  const file = new URL(`../src/api/${name}`, import.meta.url);
  const there = await readFile(file, 'utf8').catch(() => '');
  if (there === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`src/api/${name} is not what docs/openapi.json says: run 'make docs'`);
    drifted = true;
  } else {
    await writeFile(file, text);
  }
}
process.exit(drifted ? 1 : 0);
