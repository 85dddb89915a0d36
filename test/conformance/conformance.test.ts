import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createClients } from '../local/cloud/cloud-harness.ts';
import { CASES } from './cases.ts';
import { CloudUnderTest, type ConformanceCase } from './conformance-case.ts';
import { renderTable, tableIn } from './conformance-table.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';
import { type RunningTarget, TARGET_NAMES, TARGETS, type TargetName } from './targets.ts';

/** Some need a few seconds of waiting, and moto is a hundred times slower than the others. */
const CASE_TIMEOUT_MS = 30_000;

describe.each(TARGET_NAMES)('%s', (name) => {
  const target = TARGETS[name];
  const cases = CASES.filter(({ service }) => target.services.includes(service));
  const absence = target.absence();

  if (absence !== undefined) {
    // Where moto must be, its absence would leave us marking our own homework.
    const isRequired = name === 'moto' && (process.env.SMOOTHER_REQUIRE_MOTO ?? '') !== '';
    const report = isRequired ? test : test.skip;
    report(`runs the suite (${absence})`, () => {
      throw new Error(`SMOOTHER_REQUIRE_MOTO is set, but ${absence}.`);
    });
    return;
  }

  let running: RunningTarget;
  let cloud: CloudUnderTest;
  beforeAll(async () => {
    running = await target.start();
    cloud = new CloudUnderTest(running.endpoint, createClients(running.endpoint));
  }, 60_000);
  afterAll(async () => {
    cloud?.clients.destroy();
    await running?.stop();
  });

  test.each(cases.map((known) => [`${known.service}: ${known.sentence}`, known] as const))(
    '%s',
    (_, known) => check(name, known, cloud),
    CASE_TIMEOUT_MS,
  );
});

/** As AWS does it, or, where the difference is known, otherwise. */
async function check(name: TargetName, { sentence, run }: ConformanceCase, cloud: CloudUnderTest) {
  const difference = KNOWN_DIFFERENCES[name][sentence];
  if (difference === undefined) return run(cloud);
  const isDifferent = await run(cloud).then(
    () => false,
    () => true,
  );
  if (!isDifferent && !difference.isSometimes)
    throw new Error(`It is as in AWS now, so it is no known difference of ${name} any more.`);
}

test('every sentence says one thing, once', () => {
  const sentences = CASES.map(({ sentence }) => sentence);
  expect(sentences.filter((sentence, index) => sentences.indexOf(sentence) < index)).toEqual([]);
});

test.each(TARGET_NAMES)('every known difference of %s is one of a case', (name) => {
  const sentences = new Set(CASES.map(({ sentence }) => sentence));
  expect(Object.keys(KNOWN_DIFFERENCES[name]).filter((sentence) => !sentences.has(sentence))).toEqual([]);
});

test('docs/local-cloud.md has the table that this suite holds true', () => {
  const document = readFileSync(resolve(__dirname, '../../docs/local-cloud.md'), 'utf8');
  // When it does not: node --import tsx test/conformance/write-table.ts
  expect(tableIn(document)).toBe(renderTable());
});
