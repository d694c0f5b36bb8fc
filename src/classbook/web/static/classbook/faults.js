/* What was refused or has moved on is said beside its cell; above the page stands where that is. Both halves of the journal
   have one of these, over the entries that stand in their cells. */
'use strict';
window.Classbook = window.Classbook || {};
Classbook.faultsOf = ({ scroll, cellOf, placeName, focus, drop, name }) => {
  const { outbox } = Classbook;
  const words = document.getElementById('journal-words').dataset;
  const box = document.createElement('div');
  const note = document.createElement('div');
  const faults = new Map();
  box.className = 'stack';
  document.querySelector('[data-decisions]').append(box);
  note.className = 'cell-note stack tight';

  const say = (td) => {
    const list = faults.get(td);
    if (!list) { note.remove(); return; }
    scroll.append(note);
    outbox.decide(note, list, { name, redo: settled, drop: (row) => { drop(row); settled(row); } });
    const [at, frame] = [td.getBoundingClientRect(), scroll.getBoundingClientRect()];
    note.style.insetBlockStart = `${at.bottom - frame.top + scroll.scrollTop + 4}px`;
    note.style.insetInlineStart = `${Math.max(8, Math.min(at.left - frame.left, scroll.clientWidth - note.offsetWidth - 8)) + scroll.scrollLeft}px`;
  };
  const list = () => {
    const line = document.createElement('p'), text = document.createElement('span');
    box.querySelector('[data-faults]')?.remove();
    if (!faults.size) return;
    line.dataset.faults = '';
    line.className = 'notice bad';
    text.append(words.faults + ' ');
    for (const td of faults.keys()) {
      const button = document.createElement('button');
      button.type = 'button'; button.className = 'btn quiet'; button.textContent = placeName(td);
      button.addEventListener('click', () => focus(td));
      text.append(button);
    }
    line.append(text);
    box.append(line);
  };
  const settled = (row) => {
    const td = cellOf(row);
    if (td) { faults.delete(td); if (td.dataset.q === 'clash') delete td.dataset.q; }
    note.remove();
    list();
  };
  /* `failed` are the entries of this half that wait for a decision; `current` the cell that is chosen. */
  const show = (failed, current) => {
    for (const td of faults.keys()) if (td.dataset.q === 'clash') delete td.dataset.q;
    faults.clear();
    for (const row of failed) {
      const td = cellOf(row);
      if (!td) continue;
      faults.set(td, [...(faults.get(td) || []), row]);
      td.dataset.q = 'clash';
    }
    outbox.decide(box, failed.filter((row) => !cellOf(row)), { name, redo: () => {}, drop });
    list();
    const first = current && faults.has(current) ? current : faults.keys().next().value;
    if (first) say(first); else note.remove();
  };
  return { show, say };
};
