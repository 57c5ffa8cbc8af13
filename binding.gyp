{
  "targets": [
    {
      "target_name": "ipmp_native",
      "sources": [
        "native/codec/arp.cc",
        "native/codec/decode.cc",
        "native/codec/echo.cc",
        "native/codec/frames.cc",
        "native/codec/ip_address.cc",
        "native/codec/message.cc",
        "native/codec/requests.cc",
        "native/codec/siphash.cc",
        "native/codec/walk.cc",
        "native/system/alarm.cc",
        "native/system/datagram.cc",
        "native/system/error.cc",
        "native/system/ethtool.cc",
        "native/system/exchange.cc",
        "native/system/file.cc",
        "native/system/namespace.cc",
        "native/system/namespace_lock.cc",
        "native/system/netlink_socket.cc",
        "native/system/output.cc",
        "native/system/packet_batch.cc",
        "native/system/packet_socket.cc",
        "native/system/peer.cc",
        "native/system/probe_socket.cc",
        "native/system/realtime.cc",
        "native/system/sysfs.cc",
        "native/engine/carrier_watch.cc",
        "native/engine/driver_watch.cc",
        "native/engine/io_thread.cc",
        "native/engine/plan_book.cc",
        "native/engine/ring.cc",
        "native/engine/route_watch.cc",
        "native/engine/testimony.cc",
        "native/prober/pace.cc",
        "native/prober/probe_answers.cc",
        "native/prober/probe_path.cc",
        "native/prober/prober_thread.cc",
        "native/prober/recorder.cc",
        "native/prober/rounds.cc",
        "native/prober/target_counts.cc",
        "native/addon/addon.cc",
        "native/addon/dumps.cc",
        "native/addon/from_javascript.cc",
        "native/addon/kernel_engine.cc",
        "native/addon/prober.cc",
        "native/addon/to_javascript.cc"
      ],
      "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=9",
        "NODE_ADDON_API_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": [
        "-std=c++20",
        "-O2",
        "-Wall",
        "-Wextra",
        "-fvisibility=hidden",
        "-fexceptions",
        "-fno-rtti"
      ],
      "ldflags": ["-Wl,--exclude-libs,ALL", "-Wl,-z,relro,-z,now"]
    },
    {
      "target_name": "lab_flow",
      "type": "executable",
      "sources": [
        "native/lab/endpoint.cc",
        "native/lab/meter.cc",
        "native/lab/packet_record.cc",
        "native/lab/system.cc",
        "native/lab/tcp_flow.cc",
        "native/lab/udp_flow.cc"
      ],
      "include_dirs": ["native"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O2", "-Wall", "-Wextra"]
    },
    {
      "target_name": "lab_reach",
      "type": "executable",
      "sources": [
        "native/lab/endpoint.cc",
        "native/lab/reach.cc",
        "native/lab/system.cc"
      ],
      "include_dirs": ["native"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O2", "-Wall", "-Wextra"]
    },
    {
      "target_name": "lab_responder",
      "type": "executable",
      "sources": [
        "native/lab/echo_frame.cc",
        "native/lab/responder.cc",
        "native/lab/system.cc"
      ],
      "include_dirs": ["native"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O2", "-Wall", "-Wextra"]
    },
    {
      "target_name": "lab_wire",
      "type": "executable",
      "sources": [
        "native/lab/impaired_path.cc",
        "native/lab/spare_card.cc",
        "native/lab/system.cc",
        "native/lab/tap.cc",
        "native/lab/tap_cable.cc",
        "native/lab/veth_cable.cc",
        "native/lab/wire.cc"
      ],
      "include_dirs": ["native"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O2", "-Wall", "-Wextra"]
    }
  ]
}
