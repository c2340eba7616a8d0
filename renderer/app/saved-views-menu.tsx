/** Saved views in the header: go to one, save the view on screen, copy a link to it, take one out. */
import { ActionIcon, Button, Menu, Modal, TextInput } from '@mantine/core';
import { IconBookmark, IconBookmarkPlus, IconLink, IconTrash } from '@tabler/icons-react';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { copyText } from '../kit/copy-text.ts';
import { tellDone } from '../kit/toasts.tsx';
import { type SavedView, useSavedViews } from './saved-views.ts';

/** See the file. */
export function SavedViewsMenu(): ReactElement {
  const { views, save, remove } = useSavedViews();
  const [naming, setNaming] = useState(false);
  const navigate = useNavigate();
  const path = useRouterState({ select: ({ location }) => location.href });
  const takeOut = (view: SavedView): void => {
    remove(view.name);
    tellDone(t('{name} is removed', { name: view.name }), <button type="button" className="link-button" onClick={() => save(view)}>{t('Undo')}</button>);
  };
  const copyLink = (): void => {
    // In the desktop app the address of the page means nothing to others: its own scheme does.
    const link = location.protocol.startsWith('http') ? location.href : `spine:/${path}`;
    void copyText(link, () => tellDone(t('The link is copied'), t('Whoever may see this site sees the same view by it.')));
  };
  return (
    <>
      <Menu position="bottom-end" transitionProps={{ duration: 0 }} width={280}>
        <Menu.Target>
          <ActionIcon aria-label={t('Saved views')} title={t('Saved views')}>
            <IconBookmark size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {views.length === 0 ? <Menu.Label>{t('No view is saved yet. A view is a page with its filters.')}</Menu.Label> : null}
          {views.map((view) => (
            <Menu.Item
              key={view.name}
              onClick={() => void navigate({ href: view.path })}
              onKeyDown={(event) => event.key === 'Delete' && takeOut(view)}
              rightSection={
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the keyboard takes one out by Delete
                <span className="view-remove" title={t('Remove {name} (Delete)', { name: view.name })} onClick={(event) => (event.stopPropagation(), takeOut(view))}>
                  <IconTrash size={13} />
                </span>
              }
            >
              {view.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconBookmarkPlus size={14} />} onClick={() => setNaming(true)}>{t('Save this view…')}</Menu.Item>
          <Menu.Item leftSection={<IconLink size={14} />} onClick={copyLink}>{t('Copy a link to this view')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={naming} onClose={() => setNaming(false)} title={t('Save this view')} closeButtonProps={{ 'aria-label': t('Close') }} transitionProps={{ duration: 0 }}>
        {naming ? <NameForm path={path} taken={views.map(({ name }) => name)} onSave={(name) => { save({ name, path }); setNaming(false); tellDone(t('The view is saved'), name); }} /> : null}
      </Modal>
    </>
  );
}

function NameForm({ path, taken, onSave }: { path: string; taken: readonly string[]; onSave(name: string): void }): ReactElement {
  const [name, setName] = useState('');
  const wanted = name.trim();
  return (
    <form
      className="action-panel"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== '') onSave(wanted);
      }}
    >
      <p className="quiet mono wrap">{decodeURIComponent(path)}</p>
      <TextInput label={t('Name')} data-autofocus required maxLength={80} value={name} onChange={(event) => setName(event.currentTarget.value)} description={taken.includes(wanted) ? t('There is one of that name: it will lead here instead.') : t('It stands in the menu and in the palette (Ctrl K).')} />
      <Button type="submit" disabled={wanted === ''}>{t('Save 1 view')}</Button>
    </form>
  );
}
