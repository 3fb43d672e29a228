"""The data room: pandas frames, with units in the column names."""

from tplink_lab.data.frames import device_frame, raw_frame

__all__ = ["device_frame", "raw_frame"]
