import { type Command, Option } from 'commander';
import { UserError } from '../../local/user-error.ts';
import { PRIORITIES } from '../../shared/contract/priorities.ts';
import { printJson, say } from '../output.ts';
import { answered } from '../refused.ts';
import { openApi, type RemoteOptions, remoteCommand } from './remote-command.ts';

interface ControlOptions extends RemoteOptions {
  readonly pool?: string;
  readonly tenant?: string;
  readonly priority?: string;
  readonly reason: string;
}

const subjectOf = ({ pool, tenant, priority }: ControlOptions): Readonly<Record<string, string>> => {
  const named = Object.entries({ pool, tenant, priority }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  if (named.length !== 1) throw new UserError('Name one of --pool, --tenant and --priority.');
  return Object.fromEntries(named);
};

const order =
  (paused: boolean) =>
  async (options: ControlOptions): Promise<void> => {
    const subject = subjectOf(options);
    const json = { ...subject, paused, reason: options.reason };
    const answer = await openApi(options).call<unknown>({ method: 'POST', path: '/v1/controls', json });
    const controls = answered(answer);
    if (options.json === true) printJson(controls);
    else say(`${Object.entries(subject).flat().join(' ')} is ${paused ? 'paused' : 'running again'}.`);
  };

const controlCommand = (name: string, description: string): Command =>
  remoteCommand(name, description)
    .option('--pool <name>', 'a pool')
    .option('--tenant <name>', 'a tenant, in all pools')
    .addOption(new Option('--priority <class>', 'a priority, in all pools').choices(PRIORITIES))
    .requiredOption('--reason <text>', 'why; it stands in the list of changes');

export const createControlCommands = (): readonly Command[] => [
  controlCommand('pause', 'Hold a pool, a tenant or a priority back; what is accepted waits.').action(
    order(true),
  ),
  controlCommand('resume', 'Let it go again.').action(order(false)),
];
