/** `r_20261122_0741_5f2c`: sorts by time, and is unlike that of a run of the same minute. @param uuid random */
export function runIdOf(now: Date, uuid: string): string {
  const [day = '', time = ''] = now.toISOString().split('T');
  return `r_${day.replaceAll('-', '')}_${time.slice(0, 5).replace(':', '')}_${uuid.slice(0, 4)}`;
}

/** As CloudFormation takes it in names and tokens: `sbw-r-20261122-0741-5f2c`. */
export function tokenOf(runId: string): string {
  return `sbw-${runId.replaceAll('_', '-')}`;
}
