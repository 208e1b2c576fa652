"""Two records as TensorBoard writes them: writes events.txt beside this file, for the tests of src/train/events.rs.

Run with tensorboard 2.20: python tests/parity/events.py
"""

import io
import pathlib

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def hexadecimal(event):
    file = io.BytesIO()
    file.close = lambda: None
    RecordWriter(file).write(event.SerializeToString())
    return file.getvalue().hex()


scalars = [Summary.Value(tag="train/loss", simple_value=0.5), Summary.Value(tag="lr", simple_value=0.1)]
events = [
    Event(wall_time=1.5, file_version="brain.Event:2"),
    Event(wall_time=2.25, step=98, summary=Summary(value=scalars)),
]
path = pathlib.Path(__file__).with_suffix(".txt")
path.write_text("".join(hexadecimal(event) + "\n" for event in events))
