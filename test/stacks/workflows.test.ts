import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDER = resolve(__dirname, '../../.github/workflows');

const workflows = readdirSync(FOLDER).map(
  (name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const,
);

describe.each(workflows)('%s', (_, text) => {
  it('takes actions by their commits, which nobody can move, and says which versions they are', () => {
    const used = [...text.matchAll(/^\s*-? *uses: *(.+)$/gm)].map(([, action]) => String(action));

    expect(used.length).toBeGreaterThan(2);
    expect(used.filter((action) => !/^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual(
      [],
    );
  });

  it('may read the repository, and nothing of it change', () => {
    expect(text).toContain('permissions:\n  contents: read\n');
    expect(text).not.toMatch(/\b(contents|packages|actions|pull-requests): write/);
  });
});

describe('deploy.yml', () => {
  it('gives the deployment every setting that the environment on GitHub has', () => {
    const [, text = ''] = workflows.find(([name]) => name === 'deploy.yml') ?? [];
    const variables = [...text.matchAll(/vars\.(\w+)/g)].map(([, name]) => String(name));
    const deployDoc = readFileSync(resolve(__dirname, '../../docs/deploy.md'), 'utf8');

    expect(new Set(variables)).toEqual(
      new Set([
        'AWS_ROLE_ARN',
        'PERMISSIONS_BOUNDARY',
        'AWS_REGION',
        'NOTIFICATION_EMAIL',
        'TERRAFORM_STATE_BUCKET',
      ]),
    );
    expect(variables.filter((name) => !deployDoc.includes(`\`${name}\``))).toEqual([]);
  });
});
