"""`course`: parses arguments and calls one function each. What a command does lives where that function does."""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from courseware.errors import ENVIRONMENT, FAILED, USAGE, CommandError

Run = Callable[[argparse.Namespace], int]
# By name, so that a command imports only what it runs.
_STATUSES = {
    "UnknownNameError": USAGE,
    "CourseNotFoundError": ENVIRONMENT,
    "InvalidManifestError": ENVIRONMENT,
    "NotHandedOver": ENVIRONMENT,
    "WorkspaceError": ENVIRONMENT,
    "GatewayError": ENVIRONMENT,
    "RecordingError": ENVIRONMENT,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed, 2 usage, 3 environment."""
    _never_fail_to_print()
    options = _parser().parse_args(arguments)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return FAILED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough; what is left to flush goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if options.debug:
            traceback.print_exc()
            return _status(error)
        print(str(error) or type(error).__name__, file=sys.stderr)
        if not _is_ours(error):
            print("this is a fault of the course: run the command with --debug and report it", file=sys.stderr)
        return _status(error)


def _never_fail_to_print() -> None:
    """Show `?` for what an old console has no character for: a tick there must not end a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _is_ours(error: Exception) -> bool:
    """Whether the error was raised on purpose, with a message for the person who meets it."""
    return type(error).__module__.split(".")[0] == "courseware"


def _status(error: Exception) -> int:
    if isinstance(error, CommandError):
        return error.status
    return _STATUSES.get(type(error).__name__, FAILED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="course", description="Work through, build, hand in and grade the course.")
    parser.add_argument("--debug", action="store_true", help="show the whole trace of an error")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for define in (
        _lab,
        _doctor,
        _serve,
        _gateway_status,
        _check,
        _submit,
        _progress,
        _models,
        _data,
        _build,
        _record,
        _release,
        _collect,
        _grade,
        _regrade,
        _report,
        _feedback,
        _bench,
    ):
        define(commands)
    return parser


def _command(commands: Any, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(run=run)
    return parser


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def _lab(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.learner.launch import open_lab

        return open_lab(options.week, browser=not options.no_browser, port=options.port)

    parser = _command(commands, "lab", "make or update your copy of the course and open JupyterLab", run)
    parser.add_argument("week", nargs="?", help="a week, such as 01")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    parser.add_argument("--port", type=int, help="this port and no other")


def _doctor(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.learner.doctor import doctor

        sandbox = None
        if options.grading:
            from courseware.grading.config import sandbox_name
            from courseware.manifest import course_root

            sandbox = sandbox_name(course_root(), None)
        return doctor(options.week, as_json=options.json, grading_in=sandbox)

    parser = _command(commands, "doctor", "say what this machine has and how to mend what is missing", run)
    parser.add_argument("week", nargs="?", help="a week, such as 01; all that are ready if left out")
    parser.add_argument("--grading", action="store_true", help="also whether submissions can be graded here")
    _json(parser)


def _serve(commands: Any) -> None:
    def run(_options: argparse.Namespace) -> int:
        from courseware.gateway.command import serve_command

        return serve_command()

    _command(commands, "serve", "run the gateway in the foreground", run)


def _gateway_status(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.gateway.command import status_command

        return status_command(as_json=options.json)

    parser = _command(commands, "status", "show the gateway's address, tiers and counts", run)
    _json(parser)


def _check(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.learner.visible import check_lab

        return check_lab(options.lab, as_json=options.json)

    parser = _command(commands, "check", "run a lab's visible checks in a fresh kernel", run)
    parser.add_argument("lab", help="a lab, such as 01")
    _json(parser)


def _submit(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.learner.submit import submit_lab

        return submit_lab(options.lab, options.to)

    parser = _command(commands, "submit", "hand a lab in as one file with a receipt", run)
    parser.add_argument("lab", help="a lab, such as 01")
    parser.add_argument("--to", type=Path, help="a folder or a .zip file; your workspace's submissions if left out")


def _progress(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.learner.progress import show_progress

        return show_progress(options.html, options.json)

    parser = _command(commands, "progress", "show what you have done and what to review", run)
    parser.add_argument("--html", type=Path, help="write a page to this file")
    _json(parser)


def _models(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.manifest import load
        from courseware.models import command, needed_by

        names = sorted({*options.names, *needed_by(load().weeks)}) if options.needed else options.names
        if options.action == "list":
            return command.models_list(options.json)
        return command.models_pull(names) if options.action == "pull" else command.models_verify(names)

    parser = _command(commands, "models", "list, pull or verify local weights and tokenizer files", run)
    parser.add_argument("action", choices=("list", "pull", "verify"))
    parser.add_argument("names", nargs="*", help="names from `course models list`")
    parser.add_argument("--needed", action="store_true", help="what the ready weeks use")
    _json(parser)


def _data(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.corpus.command import data_build, data_list

        if options.action == "list":
            return data_list(options.json)
        return data_build(options.edition, options.seed, options.to, options.json)

    parser = _command(commands, "data", "build or list the corpora that lessons and labs search", run)
    parser.add_argument("action", choices=("build", "list"), metavar="ACTION", help="build or list")
    parser.add_argument("--edition", metavar="NAME", default="standard", help="small, standard or large")
    parser.add_argument("--seed", metavar="N", default="1", help="another seed is another company")
    parser.add_argument("--to", type=Path, metavar="DIR", help="a new or empty folder; your cache if left out")
    _json(parser)


def _build(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.build.command import build_command

        return build_command(options.week, check=options.check, execute=options.execute, mutate=options.mutate)

    parser = _command(commands, "build", "build every notebook and release, or check that they are built", run)
    parser.add_argument("week", nargs="?", help="one week only")
    parser.add_argument("--check", action="store_true", help="write nothing; fail on any difference or lint")
    parser.add_argument("--execute", action="store_true", help="run all lessons, changed or not")
    parser.add_argument(
        "--mutate", action="store_true", help="measure what each lab's grader notices, and write it down"
    )


def _record(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.build.record import keys_command, record_command

        if options.keys:
            return keys_command(options.week)
        return record_command(options.week, source=options.source, everything=options.all)

    parser = _command(commands, "record", "keep what a model says to a week's lesson, and show what changed", run)
    parser.add_argument("week", help="a week, such as 03")
    parser.add_argument("--from", dest="source", choices=("local", "openai", "anthropic"), default="local")
    parser.add_argument("--all", action="store_true", help="ask again what is recorded already")
    parser.add_argument("--keys", action="store_true", help="only write the keys again, after an edit by hand")


def _instructor(
    commands: Any, name: str, summary: str, step: Callable[[Any, Any, argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """A command that does `step`, given the steps' module, the lab's week and the options."""

    def run(options: argparse.Namespace) -> int:
        from courseware.grading import week as steps
        from courseware.manifest import find_week, load

        return step(steps, find_week(load(), options.lab), options)

    parser = _command(commands, name, summary, run)
    parser.add_argument("lab", help="a lab, such as 01")
    return parser


def _release(commands: Any) -> None:
    def release(steps: Any, week: Any, options: argparse.Namespace) -> int:
        return int(steps.release(week, exchange=not options.no_exchange))

    parser = _instructor(commands, "release", "put a lab into the class's exchange", release)
    parser.add_argument(
        "--no-exchange", action="store_true", help="only into the gradebook: learners have it otherwise"
    )


def _collect(commands: Any) -> None:
    def collect(steps: Any, week: Any, options: argparse.Namespace) -> int:
        return int(steps.collect(week, options.folder))

    parser = _instructor(commands, "collect", "take a lab's submissions in", collect)
    parser.add_argument("--from", dest="folder", type=Path, help="a folder of bundles; the exchange if left out")


def _examination(commands: Any, name: str, summary: str) -> argparse.ArgumentParser:
    def run(options: argparse.Namespace) -> int:
        from courseware.grading.errors import require_linux

        require_linux()
        from courseware.grading import commands as steps
        from courseware.grading.executors import executor_for
        from courseware.manifest import course_root, find_week, load

        root, week = course_root(), find_week(load(), options.lab)
        executor = executor_for(root, options.workers, options.dask)
        if name == "regrade":
            return steps.regrade(
                root, week, executor, check=options.check, sandbox=options.sandbox, as_json=options.json
            )
        return steps.grade(root, week, executor, cold=options.cold, sandbox=options.sandbox, as_json=options.json)

    parser = _command(commands, name, summary, run)
    parser.add_argument("lab", help="a lab, such as 01")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes at a time")
    parser.add_argument("--dask", metavar="ADDRESS", help="examine on the workers of this Dask scheduler")
    parser.add_argument(
        "--sandbox", choices=("full", "lesser"), help="lesser is for hosts that forbid namespaces; full if left out"
    )
    _json(parser)
    return parser


def _regrade(commands: Any) -> None:
    parser = _examination(commands, "regrade", "ask the checks that changed again, and show what that changes")
    parser.add_argument("--check", metavar="ID", help="ask this check again although it did not change")


def _report(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        from courseware.grading.report.command import Wanted, report_command
        from courseware.manifest import course_root, find_week, load

        wanted = Wanted(options.html, options.csv, options.out, options.json)
        return report_command(course_root(), find_week(load(), options.lab), wanted)

    parser = _command(commands, "report", "show how a lab went: checks, similar answers, open points", run)
    parser.add_argument("lab", help="a lab, such as 01")
    parser.add_argument("--html", type=Path, help="write a page to this file")
    parser.add_argument("--csv", choices=("canvas", "moodle"), help="write the points for this platform to --out")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where --csv goes")
    _json(parser)


def _grade(commands: Any) -> None:
    parser = _examination(commands, "grade", "grade what was collected of a lab")
    parser.add_argument(
        "--cold", action="store_true", help="a fresh Python for each submission, to verify the warm ones"
    )


def _feedback(commands: Any) -> None:
    def feedback(steps: Any, week: Any, _options: argparse.Namespace) -> int:
        return int(steps.feedback(week))

    _instructor(commands, "feedback", "hand back what was graded", feedback)


def _bench(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        if options.name == "gateway":
            from courseware.gateway.bench.command import bench_command as bench_gateway

            return bench_gateway(as_json=options.json)
        if options.name == "grading":
            return _bench_grading(options)
        from courseware.build.bench import bench_command

        return bench_command(as_json=options.json)

    parser = _command(commands, "bench", "measure on this machine", run)
    parser.add_argument("name", choices=("curriculum", "gateway", "grading"), help="what to measure")
    grading = parser.add_argument_group("grading")
    grading.add_argument("--lab", choices=("heavy", "light"), help="one lab only")
    grading.add_argument("--submissions", type=int, default=20, metavar="N", help="how many of each lab (20)")
    grading.add_argument("--once", action="store_true", help="one turn for everybody: quicker, and less certain")
    grading.add_argument("--write", action="store_true", help="put tables and picture on the page in docs/reference")
    _json(parser)


def _bench_grading(options: argparse.Namespace) -> int:
    from courseware.build.bench_labs import build_bench_lab
    from courseware.grading.bench.command import Wanted, bench_command
    from courseware.manifest import course_root

    labs = (options.lab,) if options.lab else ("heavy", "light")
    wanted = Wanted(labs, options.submissions, options.once, options.write, options.json)
    return bench_command(course_root(), build_bench_lab, wanted)


if __name__ == "__main__":
    sys.exit(main())
