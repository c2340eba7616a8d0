/** The one client of the operator API, and its react-query face. */
import { createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { QueryClient } from '@tanstack/react-query';
import type { operatorApi } from '../../../shared/operator-api/index.ts';
import { createTransport } from './transport.ts';

export type OperatorClient = ContractRouterClient<typeof operatorApi>;

export const transport = createTransport();
export const client: OperatorClient = createORPCClient(transport.link);
export const api = createTanstackQueryUtils(client);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The browser's idea of "online" says nothing about a host on the same machine.
      networkMode: 'always',
      retry: 1,
      retryDelay: 500,
      staleTime: 1_000,
      refetchOnWindowFocus: false,
      // Old content stays while a new answer is on its way.
      placeholderData: (previous: unknown) => previous,
    },
    mutations: { networkMode: 'always' },
  },
});
