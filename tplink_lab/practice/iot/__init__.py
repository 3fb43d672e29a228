"""IOT (Kasa) devices with a memory: snapshots that live on the practice clock."""
