// Filters and sorts the tables of the report.
(() => {
  'use strict';
  for (const input of document.querySelectorAll('[data-filter]')) {
    const table = document.getElementById(input.dataset.filter);
    const shown = document.querySelector(`[data-shown="${input.dataset.filter}"]`);
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    input.addEventListener('input', () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, index) => {
        row.hidden = !words.every((word) => texts[index].includes(word));
        count += row.hidden ? 0 : 1;
      });
      shown.textContent = words.length ? `${count} of ${rows.length}` : '';
    });
  }

  for (const table of document.querySelectorAll('table.sortable')) {
    const heads = [...table.tHead.rows[0].cells];
    const sort = (column) => {
      const up = heads[column].getAttribute('aria-sort') !== 'ascending';
      heads.forEach((head) => head.removeAttribute('aria-sort'));
      heads[column].setAttribute('aria-sort', up ? 'ascending' : 'descending');
      const key = (row) => row.cells[column].textContent.trim();
      const compare = new Intl.Collator(undefined, { numeric: true }).compare;
      const rows = [...table.tBodies[0].rows].sort((a, b) => (up ? 1 : -1) * compare(key(a), key(b)));
      table.tBodies[0].append(...rows);
    };
    heads.forEach((head, column) => {
      head.tabIndex = 0;
      head.addEventListener('click', () => sort(column));
      head.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' || event.key === ' ') { sort(column); event.preventDefault(); }
      });
    });
  }
})();
