import { namesOfArn } from '../identity/tenant-of.ts';

export type Operator =
  | { readonly kind: 'operator'; readonly by: string }
  | { readonly kind: 'refused'; readonly detail: string };

/** Where it stands among the operators, everybody is one. */
export const ANYBODY = '*';
const NAME_OF_ANYBODY = 'anybody';

/** Whether a caller may steer. Without a signature nobody is known, so only `*` lets such a caller in. */
export const operatorOf = (operators: readonly string[], arn: string | undefined): Operator => {
  if (operators.includes(ANYBODY)) return { kind: 'operator', by: arn ?? NAME_OF_ANYBODY };
  if (operators.length === 0) return { kind: 'refused', detail: 'The setting `operators` names nobody.' };
  if (arn === undefined)
    return { kind: 'refused', detail: 'The call is not signed, so nobody knows who makes it.' };
  return namesOfArn(arn).some((name) => operators.includes(name))
    ? { kind: 'operator', by: arn }
    : { kind: 'refused', detail: `${arn} is not among the setting \`operators\`.` };
};
