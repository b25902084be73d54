package io.latent4j.cli.doctor;

import com.google.gson.JsonObject;
import com.sun.management.OperatingSystemMXBean;
import io.latent4j.cli.output.Version;
import java.lang.management.ManagementFactory;

/** The program, Java, and the machine, without its GPUs. */
final class MachineFacts {
    private MachineFacts() {}

    static JsonObject json() {
        JsonObject program = new JsonObject();
        program.addProperty("version", Version.number());
        JsonObject json = new JsonObject();
        json.add("latent4j", program);
        json.add("java", java());
        json.add("machine", machine());
        return json;
    }

    private static JsonObject java() {
        JsonObject java = new JsonObject();
        java.addProperty("version", System.getProperty("java.version"));
        java.addProperty("vendor", System.getProperty("java.vendor"));
        java.addProperty("home", System.getProperty("java.home"));
        java.addProperty("heap_bytes", Runtime.getRuntime().maxMemory());
        java.addProperty(
                "class_archive",
                ClassArchive.state(ManagementFactory.getRuntimeMXBean().getInputArguments()));
        return java;
    }

    private static JsonObject machine() {
        JsonObject machine = new JsonObject();
        machine.addProperty(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"));
        machine.addProperty("processors", Runtime.getRuntime().availableProcessors());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            machine.addProperty("memory_bytes", system.getTotalMemorySize());
            machine.addProperty("free_memory_bytes", system.getFreeMemorySize());
        }
        return machine;
    }
}
