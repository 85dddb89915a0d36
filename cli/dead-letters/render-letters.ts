import type { DeadLetterView } from '../../shared/contract/dead-letter.ts';
import type { Column } from '../output.ts';
import type { RedriveTotals } from './redrive-pages.ts';

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

export const renderAge = (seconds: number): string => {
  const unit = UNITS.find(([, size]) => seconds >= size);
  return unit === undefined ? `${seconds}s` : `${Math.floor(seconds / unit[1])}${unit[0]}`;
};

export const LETTER_COLUMNS: readonly Column<DeadLetterView>[] = [
  { title: 'request', of: ({ request_id }) => request_id },
  { title: 'reason', of: ({ reason }) => reason },
  { title: 'pool', of: ({ pool }) => pool },
  { title: 'tenant', of: ({ tenant }) => tenant },
  { title: 'custom_id', of: ({ custom_id }) => custom_id },
  { title: 'age', of: ({ age_seconds }) => renderAge(age_seconds), align: 'right' },
  { title: 'attempts', of: ({ attempts }) => attempts, align: 'right' },
  { title: 'generation', of: ({ generation }) => generation, align: 'right' },
];

type Attempt = DeadLetterView['history'][number] & { readonly generation: number };

/** Everything that is known of its attempts, the last life last. */
export const attemptsOf = (letter: DeadLetterView): readonly Attempt[] =>
  [...letter.earlier, letter].flatMap(({ generation, history }) =>
    history.map((attempt) => ({ ...attempt, generation })),
  );

export const ATTEMPT_COLUMNS: readonly Column<Attempt>[] = [
  { title: 'generation', of: ({ generation }) => generation, align: 'right' },
  { title: 'started', of: ({ started_at }) => started_at },
  { title: 'drain', of: ({ epoch }) => epoch, align: 'right' },
  { title: 'target', of: ({ target }) => target },
  { title: 'suspect', of: ({ under_suspicion }) => (under_suspicion ? 'yes' : 'no') },
  { title: 'outcome', of: ({ outcome }) => outcome },
];

export const FAULT_COLUMNS: readonly Column<RedriveTotals['faults'][number]>[] = [
  { title: 'request', of: ({ request_id }) => request_id },
  { title: 'code', of: ({ code }) => code },
  {
    title: 'detail',
    of: ({ detail, errors = [] }) =>
      [detail, ...errors.map((fault) => `${fault.pointer ?? ''} ${fault.detail}`)].join(' '),
  },
];

export const renderTotals = ({ dry_run, reopened, sent_again, matched, faults }: RedriveTotals): string => {
  const did = dry_run ? 'would be reopened' : 'reopened';
  const again = sent_again === 0 ? '' : `, ${sent_again} sent again that were reopened before`;
  return `${reopened} of ${matched} that match ${did}${again}; ${faults.length} left, with their faults.`;
};
