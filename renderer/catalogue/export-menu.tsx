/** The catalogue as a file, for other tools. */
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { CatalogueFormat } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { saveFile } from '../kit/save-file.ts';
import { tellDone, tellError } from '../kit/toasts.tsx';

const FORMATS: readonly (readonly [format: CatalogueFormat, label: string])[] = [
  ['asyncapi-yaml', message('AsyncAPI 3.0, YAML')], ['asyncapi-json', message('AsyncAPI 3.0, JSON')], ['json-schema', message('JSON Schema, all in one')],
];

export function CatalogueExport(): ReactElement {
  const save = useMutation({
    ...api.catalogue.export.mutationOptions(),
    onSuccess: ({ file, mediaType, text }) => {
      saveFile(file, [text], mediaType);
      tellDone(t('{file} is saved', { file }));
    },
    onError: (error) => tellError(t('The catalogue was not exported'), error),
  });
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={14} />} loading={save.isPending}>{t('Export')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(([format, label]) => <Menu.Item key={format} onClick={() => save.mutate({ format })}>{t(label)}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  );
}
