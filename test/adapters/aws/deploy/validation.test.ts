import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEarlyValidation } from '../../../../src/adapters/aws/deploy/validation.ts';
import { startBench, templateOf } from '../../../fakes/aws/testing/stacks.ts';
import { settingsFor } from '../../../stacks/teardown/stand.ts';

const bucket = (name: string) => ({ Type: 'AWS::S3::Bucket', Properties: { BucketName: name } });

test('what early validation found, over all pages; nothing when it may not be read', async (t) => {
  const bench = await startBench({ pageSize: 2 });
  const validation = openEarlyValidation(settingsFor(bench.aws));
  t.after(async () => {
    validation.close();
    await bench.close();
  });
  const ids = ['One', 'Two', 'Three'];
  for (const id of ids) bench.aws.seed.takeBucketName(`taken-${id.toLowerCase()}`);
  const resources = Object.fromEntries(ids.map((id) => [id, bucket(`taken-${id.toLowerCase()}`)]));
  const { ChangeSetId, Status } = await bench.plan('s', templateOf(resources));
  assert.equal(Status, 'FAILED');
  const findings = await validation.findings(ChangeSetId!);
  assert.deepEqual(findings.map(({ logicalId }) => logicalId).toSorted(), ids.toSorted());
  for (const { type, check, reason, logicalId } of findings) {
    assert.equal(type, 'AWS::S3::Bucket');
    assert.match(check, /ResourceExistenceCheck/);
    assert.ok(reason.includes(`taken-${logicalId.toLowerCase()}`), reason);
  }
  bench.aws.deny('cloudformation:DescribeEvents');
  assert.deepEqual(await validation.findings(ChangeSetId!), []);
});
