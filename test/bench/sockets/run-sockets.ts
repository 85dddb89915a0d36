import { renderTable } from '../../../cli/simulate/render-report.ts';
import { DIRECT } from './direct.ts';
import { keepMeasures, measureAlways } from './kept-measures.ts';
import { createLoad, type Setting } from './load.ts';
import { measureSockets, type SocketMeasured } from './measure-sockets.ts';
import { queueToFunction } from './queue-to-function.ts';
import type { SocketContender } from './socket-contender.ts';
import { wholePipeline } from './whole-pipeline.ts';

export interface SettingReport {
  readonly setting: Setting;
  readonly measured: readonly SocketMeasured[];
}

export interface SocketsReport {
  readonly seed: string;
  readonly settings: readonly SettingReport[];
}

const CONTENDERS: readonly SocketContender[] = [wholePipeline, ...DIRECT, queueToFunction];

const SECONDS = 90;
const QUICK: readonly Setting[] = [{ perMinute: 600, mix: 'steady', seconds: 45 }];

const settingsAt = (perMinute: number): readonly Setting[] => [
  { perMinute, mix: 'steady', seconds: SECONDS },
  { perMinute, mix: 'changing', seconds: SECONDS },
];

export interface SocketsOptions {
  readonly quick: boolean;
  readonly seed: string;
  /** Requests a minute. */
  readonly rates: readonly number[];
  /** Only those whose name has it. */
  readonly who: string;
  /** A folder of what was measured before. */
  readonly keep?: string;
  readonly say: (text: string) => void;
}

export const runSockets = async ({
  quick,
  seed,
  rates,
  who,
  keep,
  say,
}: SocketsOptions): Promise<SocketsReport> => {
  const settings: SettingReport[] = [];
  const kept = keep === undefined ? measureAlways : keepMeasures(keep);
  for (const setting of quick ? QUICK : rates.flatMap(settingsAt)) {
    const requests = createLoad(setting, seed);
    const measured: SocketMeasured[] = [];
    for (const contender of CONTENDERS.filter(({ name }) => name.includes(who))) {
      const measure = async (): Promise<SocketMeasured> => {
        say(`sockets, ${setting.perMinute} a minute, ${setting.mix}: ${contender.name}`);
        return measureSockets(setting, requests, contender, await contender.run(setting, requests));
      };
      measured.push(await kept({ setting, seed, contender: contender.name }, measure));
    }
    settings.push({ setting, measured });
  }
  return { seed, settings };
};

/** By counts only: how fast a machine is does not decide whether a run is sound. */
export const checkSockets = ({ settings }: SocketsReport): readonly string[] =>
  settings.flatMap(({ setting: { perMinute, mix }, measured }) =>
    measured.flatMap(({ contender, requests, answered, answered_again, lost, sent_twice }) => {
      const isOurs = contender === wholePipeline.name;
      return [
        ...(answered + lost === requests ? [] : [`told of ${answered + lost} of ${requests}`]),
        ...(answered_again === 0 ? [] : [`answered ${answered_again} again`]),
        ...(isOurs && lost > 0 ? [`lost ${lost}`] : []),
        ...(isOurs && sent_twice > 0 ? [`sent ${sent_twice} twice`] : []),
      ].map((fault) => `sockets, ${perMinute} a minute, ${mix}: ${contender} ${fault}`);
    }),
  );

const waits = ({ waits: { high, low } }: SocketMeasured): readonly string[] =>
  [high, low].map(({ p50_seconds, p99_seconds }) => `${p50_seconds.toFixed(1)} / ${p99_seconds.toFixed(1)}`);

export const renderSockets = ({ settings }: SocketsReport): string =>
  settings
    .map(({ setting: { perMinute, mix }, measured }) =>
      renderTable([
        [
          `${perMinute} a minute, ${mix}`,
          'requests',
          'lost %',
          'throttled %',
          'use %',
          'at once',
          'high p50 / p99 s',
          'low',
        ],
        ...measured.map((each) => [
          each.contender,
          each.requests,
          ((100 * each.lost) / each.requests).toFixed(2),
          each.throttled_percent.toFixed(2),
          each.use_percent.toFixed(1),
          each.most_in_flight,
          ...waits(each),
        ]),
      ]),
    )
    .join('\n\n');
