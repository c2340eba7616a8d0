import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { withPassword } from './connection-string.ts';

describe('an address with its password', () => {
  test.each(['simple', 'with space', 'p@ss/w:rd?#%', 'ünïcode', "quote'\"", '%41'])('reaches the client as it is: %s', (password) => {
    const client = new pg.Client({ connectionString: withPassword('postgres://spine@db.example.invalid:5432/spine?application_name=x', password) });
    expect(client.password).toBe(password);
    expect(client).toMatchObject({ user: 'spine', host: 'db.example.invalid', port: 5432, database: 'spine' });
  });

  test('is left alone where there is none', () => expect(withPassword('postgres://u:p@h/d', undefined)).toBe('postgres://u:p@h/d'));
});
