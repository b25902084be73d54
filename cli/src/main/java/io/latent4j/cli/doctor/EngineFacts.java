package io.latent4j.cli.doctor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.cuda.CudaUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.cli.output.Amounts;
import io.latent4j.core.engine.PyTorch;
import io.latent4j.core.ops.CpuOperators;
import io.latent4j.pipeline.model.Devices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The engine that was loaded, from where, and the devices it sees. */
final class EngineFacts {
    private EngineFacts() {}

    /** Loads the engine. */
    static JsonObject json() {
        Engine engine = PyTorch.engine();
        boolean cuda = JniUtils.getFeatures().stream().anyMatch(feature -> feature.contains("CUDA"));
        JsonObject json = new JsonObject();
        json.addProperty("name", engine.getEngineName());
        json.addProperty("version", engine.getVersion());
        json.addProperty("djl", Engine.getDjlVersion());
        json.addProperty("flavour", cuda ? "CUDA" : "CPU");
        json.addProperty("library", LibUtils.getLibtorchPath());
        json.addProperty("because", because());
        json.add("features", list(JniUtils.getFeatures().stream().sorted().toList()));
        json.addProperty("threads", JniUtils.getNumThreads());
        for (CpuOperators.Kind kind : CpuOperators.Kind.values()) {
            json.addProperty("cpu_" + kind.label(), CpuOperators.chosen(kind).toString());
        }
        json.addProperty("gpus", engine.getGpuCount());
        for (int i = 0; i < engine.getGpuCount(); i++) {
            json.addProperty("cuda:" + i, gpu(i));
        }
        if (engine.getGpuCount() == 0) {
            json.addProperty("why_no_gpu", whyNoGpu(cuda));
        }
        Device device = Devices.named("auto");
        json.addProperty("default_device", device.isGpu() ? "cuda" : "cpu");
        json.addProperty("default_data_type", Devices.dataType("auto", device).toString());
        return json;
    }

    private static JsonArray list(List<String> texts) {
        JsonArray list = new JsonArray();
        texts.forEach(list::add);
        return list;
    }

    private static String because() {
        if (Offline.isEngineNamed()) {
            return "PYTORCH_LIBRARY_PATH names it";
        }
        return Offline.isEngineInside()
                ? "it comes with this build of latent4j, and was unpacked there"
                : "this build of latent4j comes without one, so it was downloaded to there";
    }

    private static String gpu(int index) {
        var memory = CudaUtils.getGpuMemory(Device.gpu(index));
        return "compute capability " + CudaUtils.getComputeCapability(index) + ", CUDA "
                + CudaUtils.getCudaVersionString() + ", memory " + Amounts.bytes(memory.getMax()) + ", "
                + Amounts.bytes(memory.getMax() - memory.getCommitted()) + " free";
    }

    private static String whyNoGpu(boolean cuda) {
        if (!cuda) {
            return "this engine is built for the CPU";
        }
        return Files.exists(Path.of("/proc/driver/nvidia/version"))
                ? "the CUDA runtime finds no device it may use"
                : "there is no NVIDIA driver";
    }
}
