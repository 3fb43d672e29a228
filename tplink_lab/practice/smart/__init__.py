"""The engine behind SMART (Tapo) devices: snapshots brought to life."""
