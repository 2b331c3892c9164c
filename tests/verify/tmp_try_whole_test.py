import os, pytest
from datetime import date, timedelta
from hotline.verify import verify, as_text
from hotline.reports.nightly import keep_day
from tests.verify.history import make_history, DAY_BEGINS, HALL
from tests.verify.whole_calls import whole_calls
@pytest.mark.parametrize("seed", range(int(os.environ.get('SEED0','0')),int(os.environ.get('SEEDS','3'))))
async def test_whole(seed, database, seal, tmp_path):
    await make_history(database, seal, calls=120, seats=2+seed%5, hours=0.5+0.3*(seed%3), seed=seed, whole=whole_calls)
    await keep_day(database.engine, HALL, date(2026, 11, 19), now=DAY_BEGINS + timedelta(days=2), state_dir=tmp_path)
    v = await verify(database.url)
    assert v.ok, as_text(v)
    for minutes in (10, 22):
        v = await verify(database.url, since=DAY_BEGINS+timedelta(minutes=minutes))
        assert v.ok, as_text(v)
