"""``spectrograms extract``: a corpus into a feature store."""

from __future__ import annotations

from argparse import Namespace
from contextlib import ExitStack
from typing import TYPE_CHECKING

from spectrograms._common.files import as_text
from spectrograms._common.plain import read_object
from spectrograms.cli.console import print_json
from spectrograms.cli.options import MOST_WORKERS, UsageError, any_path, local_path
from spectrograms.errors import SpectrogramError, shown
from spectrograms.places.paths import joined
from spectrograms.places.urls import said

if TYPE_CHECKING:
    from spectrograms.cli.console import Console

# Failed inputs named on the terminal; errors.jsonl lists them all.
_SHOWN = 10


def run(args: Namespace, console: Console) -> bool:
    """Extract, or continue. Returns whether any input failed, now or before, or rows are stale."""
    _check_usage(args)

    # Imported here, so that everything above answers without NumPy.
    from spectrograms.cli.naming import frontend_named
    from spectrograms.corpus.stores.settings import Settings

    try:
        config = frontend_named(args.frontend) if args.config is None else _read(args.config)
        settings = Settings.make(config, args.dtype, args.channels, args.segment, args.resampling_quality)
    except (SpectrogramError, TypeError, MemoryError) as error:  # the last for absurd sizes
        raise UsageError(str(error)) from error
    if args.print_config:
        print_json({"fingerprint": settings.fingerprint, "config": settings.config})
        return False
    return _run(args, console, settings)


def _check_usage(args):
    if args.print_config:
        return
    if not args.inputs:
        raise UsageError("no INPUT given: name a folder of recordings, files, a list or a manifest")
    if args.out is None:
        raise UsageError("no -o DIR given: the folder that becomes the store")
    any_path("-o", args.out)
    if (args.shard_index is None) != (args.num_shards is None):
        raise UsageError("--shard-index and --num-shards go together")
    if args.overwrite and args.num_shards is not None:
        raise UsageError("--overwrite removes what other jobs have stored: remove the folder first")
    for name in ("workers", "num_threads", "shard_files", "num_shards", "local_cluster", "sample"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise UsageError(f"--{name.replace('_', '-')} must be >= 1, got {value}")
    for name in ("workers", "local_cluster"):
        value = getattr(args, name)
        if value is not None and value > MOST_WORKERS:
            raise UsageError(f"--{name.replace('_', '-')} must be <= {MOST_WORKERS}, got {value}")
    if args.workers is not None and (args.scheduler is not None or args.local_cluster is not None):
        raise UsageError("--workers are processes here: not with --scheduler or --local-cluster")
    if args.sample is not None and (args.num_shards is not None or args.refresh):
        raise UsageError("--sample is a trial: not with --num-shards or --refresh")
    if args.num_shards is not None and not 0 <= args.shard_index < args.num_shards:
        raise UsageError(f"--shard-index must be in 0..{args.num_shards - 1}, got {args.shard_index}")


def _read(path):
    """The configuration in a file: a plan or frontend of ours, or the preprocessing of a model."""
    from spectrograms._frontends.configs import frontend_from_config

    local_path("--config", path)
    try:
        config = read_object("config file", path)
    except (OSError, ValueError) as error:
        raise UsageError(f"config file {as_text(path)}: {error}") from error
    ours = "type" in config or "frontend" in config
    return config if ours else frontend_from_config(path)


def _run(args, console, settings):
    from spectrograms.corpus.inputs.finding import find_inputs
    from spectrograms.corpus.run.extraction import extract
    from spectrograms.corpus.run.report import Report

    found = items = find_inputs(args.inputs, args.on_duplicate)
    if args.sample is not None:
        from spectrograms.cli import sampling

        items = sampling.chosen(found, args.sample)
    latest = Report(n_inputs=len(items))
    with ExitStack() as stack:
        client = _client(args, stack)
        show = stack.enter_context(console.bar(len(items)))

        def progress(report):
            nonlocal latest
            latest = report
            words = f"{report.hours_per_second:.2g} h/s, {report.n_failed} failed"
            show(report.n_finished, words, report.n_skipped + report.n_failed_before, report.n_inputs)
            console.detail(f"{report.n_finished} of {report.n_inputs} inputs, {words}")

        try:
            report = extract(
                items,
                settings.extractor,
                args.out,
                num_threads=args.num_threads,
                workers=1 if args.workers is None and args.num_threads is not None else args.workers,
                dtype=args.dtype,
                channels=args.channels,
                segment=args.segment,
                resampling_quality=args.resampling_quality,
                overwrite=args.overwrite,
                retry_errors=args.retry_errors,
                refresh=args.refresh,
                strict=args.strict,
                shard_index=args.shard_index,
                num_shards=args.num_shards,
                shard_files=args.shard_files,
                client=client,
                progress=progress,
            )
        except KeyboardInterrupt:
            stack.close()  # the bar, which would share the line otherwise
            stored = latest.n_done + latest.n_skipped
            console.say(f"{stored} of {latest.n_inputs} inputs stored; run the same command again to go on")
            raise
    _summarise(report, args, console)
    seen = {} if args.sample is None else {"sample": sampling.show(found, items, report, args, console)}
    if args.json:
        print_json({"command": "extract", "out": as_text(said(args.out)), "config": settings.config,
                    "fingerprint": settings.fingerprint, **report.to_dict(), **seen})  # fmt: skip
    return report.n_failed > 0 or report.n_stale > 0


def _client(args, stack):
    """A client of the cluster, or None to run in this process."""
    if args.scheduler is None and args.local_cluster is None:
        return None
    from spectrograms._common.extras import require

    distributed = require("distributed", "extraction on a cluster")
    address = args.scheduler
    if address is None:
        address = stack.enter_context(
            distributed.LocalCluster(
                n_workers=args.local_cluster,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                # Any free port, because another cluster may be running here.
                dashboard_address="127.0.0.1:0",
            )
        )
    try:
        return stack.enter_context(distributed.Client(address))
    except (ValueError, AssertionError) as error:  # raised by Dask for invalid addresses
        wanted = "--scheduler must be an address such as tcp://host:8786"
        raise UsageError(f"{wanted}, got {shown(address)}") from error


def _summarise(report, args, console):
    console.say(
        f"{report.n_inputs} inputs: {report.n_done} stored, {report.n_skipped} stored before, "
        f"{report.n_failed} failed"
    )
    if report.n_done:
        console.say(
            f"{report.audio_seconds / 3600:.3g} hours of audio in {report.seconds:.3g} s: "
            f"{report.hours_per_second:.3g} hours per second, real-time factor {report.real_time_factor:.2g}"
        )
    for kind, count in report.failures_by_kind.items():
        console.say(f"failed with {kind}: {count}")
    for failure in report.failures[:_SHOWN]:
        # Most messages name the file already.
        named = failure["path"] in failure["message"]
        console.say(f"  {failure['message']}" if named else f"  {failure['path']}: {failure['message']}")
    if len(report.failures) > _SHOWN:
        console.say(f"  and {len(report.failures) - _SHOWN} more")
    if report.n_failed:
        from spectrograms.corpus.stores.failures import job_name, log_name

        name = log_name(job_name(args.shard_index, args.num_shards))
        log = joined(any_path("-o", args.out), name)
        console.say(f"all failures: {as_text(log)}; --retry-errors tries them again")
    if report.n_changed or report.n_gone:
        what = f"sources changed since they were stored: {report.n_changed}, gone: {report.n_gone}"
        remedy = "their rows stay; --refresh computes and drops them" if report.n_stale else "refreshed"
        console.say(f"{what}; {remedy}")
    if report.n_duplicates:
        console.say(f"dropped for an id that another has: {report.n_duplicates}")
    if report.left_out:
        from spectrograms.corpus.inputs.finding import left_out_words

        console.say(left_out_words(report.left_out))
