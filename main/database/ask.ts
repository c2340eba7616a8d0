import type pg from 'pg';

/**
 * One statement on a connection. As `client.query(statement)`, with a callback: the client makes its promises by assigning a
 * function to a property, and V8 puts such functions among what lives long. There they keep alive all that they can reach
 * (statement, result, whoever waits) until the next full collection (docs/adr/0019).
 * @throws what the server or the connection says.
 */
export function ask<Row extends pg.QueryResultRow = pg.QueryResultRow>(client: pg.ClientBase, statement: string | pg.QueryConfig): Promise<pg.QueryResult<Row>> {
  return new Promise((resolve, reject) => {
    const answered = (error: Error | null, result: pg.QueryResult<Row>): void => (error ? reject(error) : resolve(result));
    if (typeof statement === 'string') client.query(statement, answered);
    else client.query(statement, answered);
  });
}
