package io.latent4j.cli.doctor;

import ai.djl.Device;
import com.google.gson.JsonObject;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Facts;
import io.latent4j.cli.output.Messages;
import io.latent4j.cli.output.Version;
import io.latent4j.pipeline.model.Devices;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code latent4j doctor}: what latent4j runs on here, and whether it works. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Tells what latent4j runs on here, and tries the device out.",
        footerHeading = "%nA GPU:%n",
        footer = {
            "The CPU's engine comes with latent4j. For an NVIDIA GPU build it with",
            "LATENT4J_CUDA=1 in the environment (mvn -P cuda): the CUDA engine is then",
            "downloaded at first use. Where PyTorch 2.7.1 for CUDA 12.8 is installed, nothing",
            "is downloaded if PYTORCH_LIBRARY_PATH names its lib folder, PYTORCH_VERSION is",
            "2.7.1 and PYTORCH_FLAVOR is cu128.",
            "",
            "Examples:",
            "  latent4j doctor",
            "  latent4j doctor --device cuda --json"
        })
public final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "The device to try: cpu, cuda, cuda:1, or auto (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        JsonObject facts = MachineFacts.json();
        RuntimeException failure = null;
        try {
            facts.add("engine", EngineFacts.json());
            Device tried = Devices.named(device);
            facts.add("check", DeviceCheck.of(tried).json());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (RuntimeException | LinkageError e) {
            failure = new IllegalStateException(Messages.of(e), e);
            JsonObject check = new JsonObject();
            check.addProperty("works", false);
            check.addProperty("error", failure.getMessage());
            facts.add("check", check);
        }
        if (json) {
            Facts.printJson(facts, spec.commandLine().getOut());
        } else {
            Facts.print(facts, spec.commandLine().getOut());
        }
        if (failure != null) {
            throw failure;
        }
        return ExitCode.OK;
    }
}
