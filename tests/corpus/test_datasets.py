"""Data sets of Hugging Face's library."""

import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

import spectrograms as sg
from spectrograms.corpus import FeatureStore, extract, find_inputs

from ..support.archives import facts, same, sounds, table_of  # noqa: F401
from ..support.corpora import out, plan  # noqa: F401


@pytest.fixture
def datasets():
    # Seconds, which collecting tests does not need.
    return pytest.importorskip("datasets", reason="needs datasets: pip install datasets")


@pytest.fixture
def made(same, datasets):  # noqa: F811
    folder, names, _ = same
    table = table_of(folder, names[:20])
    features = datasets.Features(
        {
            "audio": datasets.Audio(),
            "text": datasets.Value("string"),
            "speaker": datasets.Value("int64"),
            "level": datasets.Value("float64"),
        }
    )
    return datasets.Dataset(table.cast(features.arrow_schema), info=datasets.DatasetInfo(features=features))


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"num_threads": 2}, {"workers": 2, "shard_files": 6}])
@pytest.mark.parametrize("kind", ["map", "iterable", "formatted"])
def test_a_data_set_gives_what_its_files_give(same, made, out, kind, how):  # noqa: F811
    folder, names, _ = same
    if kind == "iterable":
        made = made.to_iterable_dataset(2)
    elif kind == "formatted":
        made = made.with_format("numpy")
    rows = [{"id": name.rpartition(".")[0], "path": str(folder / name)} for name in names[:20]]
    extract(rows, plan(), out / "files", num_threads=1)
    report = extract(made, plan(), out / "set", **how)
    assert (report.n_done, report.failures) == (20, [])
    store = FeatureStore(out / "set")
    assert sounds(store) == sounds(FeatureStore(out / "files"))
    assert [record.columns for record in store] == [facts(k) for k in range(20)]
    assert extract(made, plan(), out / "set", **how).n_skipped == 20


@pytest.mark.slow
def test_other_columns_of_sound(made, out, datasets):  # noqa: F811
    made = made.rename_column("audio", "wav").remove_columns(["level", "speaker"])
    made = made.add_column("duration", [9.0] * len(made))
    assert [item.id for item in find_inputs(made)][:2] == ["speaker0/000", "speaker0/001"]
    assert extract(made, plan(), out, num_threads=1).failures == []
    nameless = datasets.Dataset.from_dict({"bytes": [find_inputs(made)[0].data], "label": [1]})
    assert [(item.id, item.columns) for item in find_inputs(nameless)] == [("0", {"label": 1})]
    with pytest.raises(sg.InvalidInputError, match="one column of sound, got none"):
        find_inputs(datasets.Dataset.from_dict({"x": [1]}))
    with pytest.raises(sg.InvalidInputError, match="got the splits train"):
        extract(datasets.DatasetDict({"train": made}), plan(), out)
