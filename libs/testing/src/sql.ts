import pg from 'pg';

/**
 * Runs one statement over a connection of its own.
 *
 * @param url - of the role that runs it
 * @returns its rows
 * @throws what the database answers
 */
export async function sql<Row extends object>(url: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
