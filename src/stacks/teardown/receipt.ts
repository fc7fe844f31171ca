/** `teardown-dev-20261122T090405Z.json` */
export function receiptName(stage: string, at: Date): string {
  return `teardown-${stage}-${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.json`;
}
