import { type CostLine, lineOf } from './cost-line.ts';
import { ASSUMED, TEMPLATE } from './model.ts';
import { PRICES } from './prices.ts';

/**
 * What events cost on their way from the browser into the warehouse: nothing of it is billed without them.
 *
 * @param eventsPerRequest a request becomes one object, which is read once
 */
export function linesOfEvents(events: number, eventsPerRequest: number): readonly CostLine[] {
  const requests = Math.ceil(events / eventsPerRequest);
  return [...linesOfIngest(requests), ...linesOfLoad(events, requests)].map((one) => ({
    ...one,
    growsWithEvents: true,
  }));
}

function linesOfIngest(requests: number): CostLine[] {
  const layer = 'ingest';
  const detail = `${count(requests)} requests`;
  const logGb = (requests * ASSUMED.accessLogBytesPerRequest) / 1e9;
  return [
    lineOf({
      id: 'puts',
      layer,
      title: 'Raw events written (S3 PUT)',
      detail,
      price: PRICES.put,
      units: requests,
    }),
    lineOf({ id: 'api', layer, title: 'Ingest API', detail, price: PRICES.apiRequest, units: requests }),
    lineOf({
      id: 'ingest-calls',
      layer,
      title: 'Ingest Lambda, calls',
      detail,
      price: PRICES.lambdaRequest,
      units: requests,
    }),
    lineOf({
      id: 'ingest-time',
      layer,
      title: 'Ingest Lambda, time',
      detail: `${ASSUMED.ingestSeconds * 1000} ms a request`,
      price: PRICES.lambdaTime,
      units: requests * ASSUMED.ingestSeconds * TEMPLATE.ingestMemoryGb,
    }),
    lineOf({
      id: 'access-log',
      layer,
      title: 'Access log',
      detail: `${logGb.toFixed(1)} GB`,
      price: PRICES.log,
      units: logGb,
    }),
  ];
}

function linesOfLoad(events: number, requests: number): CostLine[] {
  const layer = 'etl';
  const rawGb = (events * ASSUMED.rawBytesPerEvent) / 1e9;
  const pages = (requests / 1000) * TEMPLATE.listingsOfAnObject;
  const seconds = requests * ASSUMED.etlSecondsPerObject + events * ASSUMED.etlSecondsPerEvent;
  return [
    lineOf({
      id: 'raw-storage',
      layer: 'storage',
      title: 'Raw events kept',
      detail: `${rawGb.toFixed(1)} GB more every month`,
      price: PRICES.storage,
      units: rawGb,
    }),
    lineOf({
      id: 'gets',
      layer,
      title: 'Raw events read (S3 GET)',
      detail: `${count(requests)} objects`,
      price: PRICES.get,
      units: requests,
    }),
    lineOf({
      id: 'lists',
      layer,
      title: 'Raw events listed',
      detail: `${count(pages)} pages`,
      price: PRICES.put,
      units: pages,
    }),
    lineOf({
      id: 'etl-time',
      layer,
      title: 'Events loaded by the ETL',
      detail: `${count(events)} events`,
      price: PRICES.lambdaTime,
      units: seconds * TEMPLATE.etlMemoryGb,
    }),
  ];
}

const count = (number: number): string => Math.round(number).toLocaleString('en-US');
