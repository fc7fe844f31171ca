/**
 * What the ETL function does first, by its own code: opens the warehouse over TLS, verified in full, looks at its
 * schema, writes a row. Settings as JSON on the command line are test values. Prints what came of it, as JSON.
 */
import { openWarehouse, type WarehouseAddress } from '../../../src/adapters/lambda/warehouse.ts';
import { migrate } from '../../../src/etl/store/migrate.ts';

const address = JSON.parse(process.argv[2]!) as WarehouseAddress;
const statement = process.argv[3]!;
const database = await openWarehouse(address, 'test', new AbortController().signal);
try {
  const { applied, version } = await migrate(database);
  const { rows } = await database.withSession((session) => session.query(statement));
  process.stdout.write(JSON.stringify({ applied, version, rows }));
} catch (error) {
  process.stdout.write(JSON.stringify({ problem: (error as Error).message }));
} finally {
  await database.close();
}
