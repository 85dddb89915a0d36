import { createMemoryAnswerStore } from '../fakes/memory-answer-store.ts';
import { createMemoryApiKeys } from '../fakes/memory-api-keys.ts';
import { createMemoryBatchStore } from '../fakes/memory-batch-store.ts';
import { createMemoryControlStore } from '../fakes/memory-control-store.ts';
import { createMemoryDeadLetterIndex, createMemoryRedriveLog } from '../fakes/memory-dead-letters.ts';
import { createMemoryDeliveryLog, createMemoryWebhookSecrets } from '../fakes/memory-events.ts';
import { createMemoryLedger } from '../fakes/memory-ledger.ts';
import { createMemoryObjects } from '../fakes/memory-objects.ts';
import { createMemoryPoolStore } from '../fakes/memory-pool-store.ts';
import { createMemoryQueues } from '../fakes/memory-queues.ts';
import { createMemoryQuotaReadings, createMemoryServiceQuotas } from '../fakes/memory-quotas.ts';
import { createMemoryRequestLists } from '../fakes/memory-request-lists.ts';
import { createMemoryRequestStore } from '../fakes/memory-request-store.ts';
import { createMemorySpendStore } from '../fakes/memory-spend-store.ts';
import { createMemoryTableScan } from '../fakes/memory-table-scan.ts';
import { createMemoryTenantStore } from '../fakes/memory-tenant-store.ts';
import { createMemoryUploads } from '../fakes/memory-uploads.ts';
import {
  createMemoryAccountUse,
  createMemoryOwnUse,
  createMemoryUseReadings,
  type Used,
} from '../fakes/memory-use.ts';
import { createRecordedTelemetry } from '../fakes/recorded-telemetry.ts';
import {
  createScriptedModel,
  rejection,
  type Script,
  serviceFault,
  throttle,
} from '../fakes/scripted-model.ts';
import { createNumbered } from '../fakes/sequences.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { describeAccountUse } from './account-use.contract.ts';
import { describeAnswerStore } from './answer-store.contract.ts';
import { describeApiKeyStore } from './api-key-store.contract.ts';
import { describeBatchStore } from './batch-store.contract.ts';
import { describeClock } from './clock.contract.ts';
import { describeControlStore } from './control-store.contract.ts';
import { describeLedger } from './ledger.contract.ts';
import { describeModel } from './model.contract.ts';
import { describeObjects } from './objects.contract.ts';
import { describePoolBoard } from './pool-board.contract.ts';
import { describePoolReports } from './pool-reports.contract.ts';
import { describePoolStore } from './pool-store.contract.ts';
import { describeQueues } from './queues.contract.ts';
import { describeQuotaReadings } from './quota-readings.contract.ts';
import { describeRedriveLog } from './redrive-log.contract.ts';
import { describeRequestLists } from './request-lists.contract.ts';
import { describeRequestReader } from './request-reader.contract.ts';
import { describeRequestReopener } from './request-reopener.contract.ts';
import { describeRequestStore } from './request-store.contract.ts';
import { describeServiceQuotas } from './service-quotas.contract.ts';
import { describeSpendStore } from './spend-store.contract.ts';
import { describeTableScan } from './table-scan.contract.ts';
import { describeTelemetry } from './telemetry.contract.ts';
import { describeTenantStore } from './tenant-store.contract.ts';
import { describeUploads } from './uploads.contract.ts';
import { describeUseReadings } from './use-readings.contract.ts';
import { describeDeliveryLog, describeWebhookSecrets } from './webhooks.contract.ts';

const run = <T>(work: Promise<T>): Promise<T> => work;
const HOUR_MS = 3_600_000;

describeQueues('memory', async () => {
  const clock = new VirtualClock();
  const nextName = createNumbered('queue');
  return {
    port: createMemoryQueues(clock),
    run: (work) => clock.run(work),
    createQueue: async () => nextName(),
  };
});

describeRequestStore('memory', async () => ({ port: createMemoryRequestStore(), run }));

describeRequestLists('memory', async () => {
  const store = createMemoryRequestStore();
  const batches = createMemoryBatchStore();
  return { port: { store, batches, lists: createMemoryRequestLists(store, batches) }, run };
});

describeRequestReader('memory', async () => {
  const requests = createMemoryRequestStore();
  return { port: { store: requests, reader: requests }, run };
});

describeRequestReopener('memory', async () => {
  const store = createMemoryRequestStore();
  return { port: { store, reopener: store, index: createMemoryDeadLetterIndex(store) }, run };
});

describeDeliveryLog('memory', async () => ({ port: createMemoryDeliveryLog(), run }));

describeWebhookSecrets('memory', async () => ({ port: createMemoryWebhookSecrets(), run }));

describeRedriveLog('memory', async () => ({ port: createMemoryRedriveLog(), run }));

describePoolStore('memory', async () => ({ port: createMemoryPoolStore(), run }));

describePoolReports('memory', async () => {
  const pools = createMemoryPoolStore();
  return { port: { store: pools, reports: pools }, run };
});

describeAnswerStore('memory', async () => ({ port: createMemoryAnswerStore(), run }));

describeSpendStore('memory', async () => ({ port: createMemorySpendStore(), run }));

describeTenantStore('memory', async () => ({ port: createMemoryTenantStore(), run }));

describeTableScan('memory', async () => {
  const tables = {
    requests: createMemoryRequestStore(),
    batches: createMemoryBatchStore(),
    tenants: createMemoryTenantStore(),
  };
  const { requests: store, ...others } = tables;
  return { port: { scan: createMemoryTableScan(tables, 2), store, ...others }, run };
});

describeQuotaReadings('memory', async () => ({ port: createMemoryQuotaReadings(), run }));

describeUseReadings('memory', async () => ({ port: createMemoryUseReadings(), run }));

describeUploads('memory', async () => ({ port: createMemoryUploads(), run }));

describeClock('virtual time', async () => {
  const port = new VirtualClock();
  return { port, run: (work) => port.run(work) };
});

describeControlStore('memory', async () => ({ port: createMemoryControlStore(), run }));

describeApiKeyStore('memory', async () => ({ port: createMemoryApiKeys(), run }));

describeBatchStore('memory', async () => ({ port: createMemoryBatchStore(), run }));

describePoolBoard('memory', async () => {
  const pools = createMemoryPoolStore();
  return { port: pools, pools, run };
});

describeObjects('memory', async () => ({ port: createMemoryObjects(), run }));

describeLedger('memory', async () => {
  const port = createMemoryLedger();
  const hourOf = (atMs: number): number => Math.floor(atMs / HOUR_MS);
  return {
    port,
    ownUse: createMemoryOwnUse(port),
    run,
    requestsBySegment: async (pool, atMs) =>
      Object.fromEntries(
        port
          .entries()
          .filter((entry) => entry.pool === pool && hourOf(entry.atMs) === hourOf(atMs))
          .map(({ segment, requests }) => [segment, requests]),
      ),
  };
});

const FAULTS = { throttled: throttle, rejected: rejection, broken: serviceFault } as const;
const faultsByPrompt: Script = ({ prompt }) => new Map(Object.entries(FAULTS)).get(prompt);

describeModel('scripted', async () => {
  const clock = new VirtualClock();
  const port = createScriptedModel(clock, {
    script: faultsByPrompt,
    latencyMs: (prompt) => (prompt === 'endless' ? 3_600_000 : 1_000),
  });
  return {
    port,
    run: (work) => clock.run(work),
    modelId: 'model-haiku',
    nowMs: () => clock.nowMs(),
    sent: () => port.calls.length,
    texts: {
      answered: 'answered',
      endless: 'endless',
      throttled: 'throttled',
      rejected: 'rejected',
      broken: 'broken',
    },
  };
});

describeAccountUse('memory', async () => {
  const port = createMemoryAccountUse();
  const uses: Used[] = [];
  return {
    port,
    run,
    use: async (modelId, atMs) => {
      const used = { inputTokens: 7, outputTokens: 20, cacheWriteTokens: 3 };
      uses.push({ ...used, modelId, atMs });
      port.tell(uses);
      return used;
    },
    fail: async () => port.tell(new Error('nobody can look')),
  };
}, ['one', 'other']);

describeServiceQuotas('memory', async () => {
  const port = createMemoryServiceQuotas();
  const name = 'On-demand model inference tokens per minute for Amazon Nova Lite';
  return {
    port,
    run,
    grant: async (tokensPerMinute) => {
      port.grant({ [name]: tokensPerMinute, 'requests per minute': 10 });
      return name;
    },
    fail: async () => port.grant(new Error('nobody can look')),
  };
});

describeTelemetry('recorded', () => {
  const port = createRecordedTelemetry();
  return {
    port,
    events: () => port.events,
    values: (metric, dimensions) =>
      port.measured
        .filter(
          (one) => one.metric === metric && JSON.stringify(one.dimensions) === JSON.stringify(dimensions),
        )
        .map(({ value }) => value),
  };
});
