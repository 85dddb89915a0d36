import { parseArgs } from 'node:util';
import { App } from 'cdktf';
import { DeployerStack, type DeployerStackProps } from './deployer-stack.ts';

const REPOSITORY = /^[\w.-]+\/[\w.-]+$/;
const NAME = 'deployer';

type ParsedArguments =
  | { readonly ok: true; readonly props: DeployerStackProps }
  | { readonly ok: false; readonly faults: readonly string[] };

const OPTIONS = {
  repository: { type: 'string' },
  'state-bucket': { type: 'string' },
  // With which the keys begin that deployments use unless `terraform_state` names another.
  'state-key': { type: 'string', default: 'smoother*' },
  region: { type: 'string', default: 'us-east-1' },
  environment: { type: 'string', default: 'production' },
  'has-provider': { type: 'boolean', default: false },
} as const;

const USAGE =
  'Say `npm run synth:deployer -- --repository OWNER/NAME --state-bucket NAME [--state-key KEY] [--region R] [--environment E] [--has-provider]`.';

const parseArguments = (): ParsedArguments => {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    const { repository = '', 'state-bucket': stateBucket = '', region, environment } = values;
    const faults = [
      ...(REPOSITORY.test(repository)
        ? []
        : [`--repository must be OWNER/NAME of the repository on GitHub, not \`${repository}\`.`]),
      ...(stateBucket === '' ? ["--state-bucket must name the bucket of Terraform's state."] : []),
    ];
    const props = {
      ...{ region, repository, environment, stateBucket },
      stateKey: values['state-key'],
      hasProvider: values['has-provider'],
    };
    return faults.length === 0 ? { ok: true, props } : { ok: false, faults };
  } catch (error) {
    return { ok: false, faults: [(error as Error).message, USAGE] };
  }
};

const parsed = parseArguments();
if (parsed.ok) {
  const app = new App({ stackTraces: false });
  new DeployerStack(app, NAME, parsed.props);
  app.synth();
  console.log(`The stack of the role is in ${app.outdir}/stacks/${NAME}`);
} else {
  for (const fault of parsed.faults) console.error(fault);
  process.exitCode = 2;
}
