/** What all commands share: options that every one has, and how it reaches the site. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { type OperatorClient, siteAddress, withSite } from './site-client.ts';

export interface GlobalOptions {
  readonly json: boolean;
  readonly url: string | undefined;
}
export type Given<Options> = ArgumentsCamelCase<Options>;

/** Write a command: `builder` says what it takes, `handler` gets it checked, under camelCase names. */
export function command<Options extends GlobalOptions = GlobalOptions>(definition: {
  readonly command: string;
  readonly describe: string;
  readonly builder?: (argv: Argv<GlobalOptions>) => Argv<Options>;
  readonly handler: (given: Given<Options>) => Promise<unknown> | unknown;
}): CommandModule<GlobalOptions, Options> {
  return definition as CommandModule<GlobalOptions, Options>;
}

/** Call the running site, or the one elsewhere that --url names. */
export function onSite<Result>({ url }: Pick<GlobalOptions, 'url'>, work: (client: OperatorClient) => Promise<Result>): Promise<Result> {
  return withSite(siteAddress(url, process.env), work);
}
