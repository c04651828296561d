import { useState } from 'react';
import { createRoot } from 'react-dom/client';

function App() {
  const [open, setOpen] = useState(false);
  return (
    <main>
      <div className="card" onClick={() => setOpen(true)}>card</div>
      {open && <p onClick={() => found('click')}>details</p>}
      <section onMouseEnter={() => found('enter')}>hover</section>
      <em onDoubleClick={() => found('double')}>twice</em>
      <strong tabIndex={0} onKeyDown={({ key }) => key === 'ArrowDown' && found('key')}>arrows</strong>
    </main>
  );
}
createRoot(document.getElementById('app')).render(<App />);
