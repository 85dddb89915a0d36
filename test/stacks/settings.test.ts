import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import cdktf from '../../cdktf.json';
import { DEFAULT_POOLS } from '../../shared/contract/pools.ts';
import { parseSettings, SETTING_NAMES } from '../../shared/contract/settings.ts';
import { readSettings, toDeployableSettings } from '../../stacks/settings.ts';
import { newFolder, removeFolders } from './harness.ts';

const PROJECT_ROOT = resolve(__dirname, '../..');
const EMAIL = { notification_email: 'ops@example.com' };

const WITHOUT_DEFAULT = [
  'chat_wait_seconds',
  'default_model',
  'environment',
  'index_requests',
  'jwt',
  'longest_answer_seconds',
  'longest_poll_seconds',
  'monthly_budget_usd',
  'operators',
  'permissions_boundary',
  'spend_alarm_usd_per_hour',
  'terraform_state',
];

afterAll(removeFolders);

const projectWith = (text: string): string => {
  const folder = newFolder();
  writeFileSync(join(folder, 'cdktf.json'), text);
  return folder;
};

const faultsOf = (context: Readonly<Record<string, unknown>>, overrides: readonly string[] = []) => {
  const read = toDeployableSettings(context, overrides);
  return read.ok ? [] : read.faults;
};

describe('cdktf.json of this project', () => {
  it('shows every setting that has a default, with that default', () => {
    const defaults = parseSettings(EMAIL);

    expect(parseSettings(cdktf.context)).toEqual(defaults);
    expect(Object.keys(cdktf.context).sort()).toEqual(
      SETTING_NAMES.filter((name) => !WITHOUT_DEFAULT.includes(name)).sort(),
    );
  });

  it('shows the default pools as the contract has them', () => {
    expect(cdktf.context.models).toEqual(DEFAULT_POOLS);
  });

  it('starts the synthesis for those who use the cdktf command, and reports nothing to anybody', () => {
    expect(cdktf).toMatchObject({
      language: 'typescript',
      app: 'npm run --silent synth',
      sendCrashReports: 'false',
      terraformProviders: [],
    });
  });

  it('can be deployed', () => {
    expect(readSettings(PROJECT_ROOT, [])).toMatchObject({
      ok: true,
      settings: { aws_region: 'us-east-1', notification_email: 'ops@example.com' },
    });
  });
});

describe('toDeployableSettings', () => {
  it('replaces a whole setting', () => {
    expect(toDeployableSettings(EMAIL, ['aws_region=eu-west-1', 'alarm_threshold=7'])).toMatchObject({
      ok: true,
      settings: { aws_region: 'eu-west-1', alarm_threshold: 7, alarm_evaluation_periods: 1 },
    });
  });

  it('takes the address of alarms from an override', () => {
    expect(toDeployableSettings({}, ['notification_email=me@example.com'])).toMatchObject({
      ok: true,
      settings: { notification_email: 'me@example.com' },
    });
  });

  it('says in one sentence that the address of alarms is missing', () => {
    expect(faultsOf({})).toEqual([
      'notification_email is needed to deploy: the address that alarms are sent to.',
    ]);
  });

  it('names every fault at once, of the file, of the overrides and of what is missing', () => {
    expect(
      faultsOf({ alarm_threshold: 0, dashbord_name: 'x' }, [
        'models={"haiku":',
        'log_retention_days=15',
        'oops',
      ]),
    ).toEqual([
      expect.stringMatching(/^models must be valid JSON: .+\.$/),
      '--context must be NAME=JSON, not `oops`.',
      'alarm_threshold must be at least 1.',
      expect.stringMatching(/^log_retention_days must be one of 1, 3, 5, .*3653\.$/),
      'dashbord_name is not known here; did you mean `dashboard_name`?',
      'notification_email is needed to deploy: the address that alarms are sent to.',
    ]);
  });

  it('says nothing more of a setting whose override cannot be read', () => {
    expect(faultsOf({ ...EMAIL, models: { haiku: {} } }, ['models={'])).toEqual([
      expect.stringMatching(/^models must be valid JSON: /),
    ]);
  });
});

describe('readSettings', () => {
  it('takes the defaults of a file without context', () => {
    expect(readSettings(projectWith('{}'), ['notification_email=me@example.com'])).toMatchObject({
      ok: true,
      settings: { dashboard_name: 'bedrock-errors' },
    });
  });

  it.each(['[]', '{"context": []}', '{"context": 5}', '7'])('refuses %s', (text) => {
    expect(readSettings(projectWith(text), [])).toEqual({
      ok: false,
      faults: ['cdktf.json must be an object whose `context` is an object.'],
    });
  });

  it('refuses what is not JSON', () => {
    expect(readSettings(projectWith('{ context: {} }'), [])).toEqual({
      ok: false,
      faults: [expect.stringMatching(/^cdktf\.json cannot be read: .+\.$/)],
    });
  });

  it('refuses a folder without the file', () => {
    expect(readSettings(newFolder(), [])).toEqual({
      ok: false,
      faults: [expect.stringMatching(/^cdktf\.json cannot be read: ENOENT/)],
    });
  });
});
