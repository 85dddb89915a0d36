import { startCloud } from '../../../local/cloud/start-cloud.ts';

/** A cloud to be killed: `node --import tsx cloud-process.ts <dataDir>` prints its endpoint. */
const [dataDir = ''] = process.argv.slice(2);
startCloud({ dataDir, port: 0, region: 'us-east-1' }).then(
  ({ endpoint }) => process.stdout.write(`${endpoint}\n`),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
