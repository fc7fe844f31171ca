// Loads a raw directory like `sbw etl backfill`, for kill.test.ts to kill. Directory and URL come by stdin's pipe
// being absent: by environment, since argv is visible to everybody.
import { openDirectoryStore } from '../../src/adapters/directory-store.ts';
import { openDatabase } from '../../src/adapters/postgres.ts';
import { load } from '../support/pipeline.ts';

const store = await openDirectoryStore(process.env['TEST_RAW']!);
const database = await openDatabase(process.env['TEST_WAREHOUSE']!, 'sbw kill test');
process.send!('loading');
const report = await load({ store, database }, { order: 'newest' }, { parallel: 3 });
process.send!(report.balanced ? 'balanced' : 'unbalanced');
await database.close();
process.disconnect();
