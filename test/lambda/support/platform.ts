import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startFakeAws } from '../../fakes/aws/fake-aws.ts';
import { startS3Server } from '../../support/s3-servers.ts';
import { startTestWarehouse, type TestWarehouse } from './warehouse.ts';

export const PASSWORD_PARAMETER = '/sbw/dev/dwh/etl-password';
export const CA_PARAMETER = '/sbw/dev/dwh/ca-certificate';

/** What the ETL function needs around it: S3, the parameter store, and a PostgreSQL that speaks TLS. */
export interface EtlPlatform {
  readonly bucket: string;
  /** The function's environment, as etl.yaml and the runtime give it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly warehouse: TestWarehouse;
  put(key: string, content: unknown): Promise<void>;
  setParameter(name: string, value: string): Promise<void>;
  close(): Promise<void>;
}

export async function startEtlPlatform(): Promise<EtlPlatform> {
  const [s3, aws, warehouse] = await Promise.all([startS3Server(), startFakeAws(), startTestWarehouse()]);
  const bucket = await s3.createBucket();
  const ssm = new SSMClient({ endpoint: aws.endpointUrl, region: aws.region });
  await writeParameter(ssm, PASSWORD_PARAMETER, warehouse.password);
  await writeParameter(ssm, CA_PARAMETER, warehouse.authority);
  return {
    ...{ bucket, warehouse },
    setParameter: (name, value) => writeParameter(ssm, name, value),
    environment: {
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: process.env['AWS_ACCESS_KEY_ID'] ?? '',
      AWS_SECRET_ACCESS_KEY: process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
      AWS_ENDPOINT_URL_S3: s3.endpointUrl,
      AWS_ENDPOINT_URL_SSM: aws.endpointUrl,
      RAW_BUCKET: bucket,
      RAW_BUCKET_NAME: bucket,
      ...environmentOf(warehouse),
    },
    put: async (key, content) => {
      await s3.sdk.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: JSON.stringify(content) }));
    },
    close: async () => {
      ssm.destroy();
      await warehouse.close();
      await Promise.all([s3.close(), aws.close()]);
    },
  };
}

/** Where the function finds its warehouse. */
export function environmentOf({ port, user, name }: TestWarehouse): Readonly<Record<string, string>> {
  return {
    DWH_HOST: '127.0.0.1',
    DWH_PORT: String(port),
    DWH_USER: user,
    DWH_DATABASE: name,
    DWH_PASSWORD_PARAMETER: PASSWORD_PARAMETER,
    DWH_CA_PARAMETER: CA_PARAMETER,
  };
}

/** As sbw keeps them: the password encrypted, the certificate for all to read. */
export async function writeParameter(ssm: SSMClient, name: string, value: string): Promise<void> {
  const Type = name === CA_PARAMETER ? 'String' : 'SecureString';
  await ssm.send(new PutParameterCommand({ Name: name, Value: value, Type, Overwrite: true }));
}
