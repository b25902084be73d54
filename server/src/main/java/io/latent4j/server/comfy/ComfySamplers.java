package io.latent4j.server.comfy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sampling methods and spacings by ComfyUI's names. */
final class ComfySamplers {
    private static final Map<String, String> METHODS = Map.ofEntries(
            Map.entry("euler", "Euler"),
            Map.entry("euler_ancestral", "Euler a"),
            Map.entry("heun", "Heun"),
            Map.entry("dpm_2", "DPM2"),
            Map.entry("dpm_2_ancestral", "DPM2 a"),
            Map.entry("lms", "LMS"),
            Map.entry("dpmpp_2s_ancestral", "DPM++ 2S a"),
            Map.entry("dpmpp_sde", "DPM++ SDE"),
            Map.entry("dpmpp_sde_gpu", "DPM++ SDE"),
            Map.entry("dpmpp_2m", "DPM++ 2M"),
            Map.entry("dpmpp_2m_sde", "DPM++ 2M SDE"),
            Map.entry("dpmpp_2m_sde_gpu", "DPM++ 2M SDE"),
            Map.entry("dpmpp_2m_sde_heun", "DPM++ 2M SDE Heun"),
            Map.entry("dpmpp_2m_sde_heun_gpu", "DPM++ 2M SDE Heun"),
            Map.entry("dpmpp_3m_sde", "DPM++ 3M SDE"),
            Map.entry("dpmpp_3m_sde_gpu", "DPM++ 3M SDE"),
            Map.entry("ddpm", "DDPM"),
            Map.entry("lcm", "LCM"),
            Map.entry("deis", "DEIS"),
            Map.entry("ddim", "DDIM"),
            Map.entry("uni_pc", "UniPC"),
            Map.entry("uni_pc_bh2", "UniPC"));

    /** In the order to offer them. */
    static final List<String> NAMES = List.of(
            "euler",
            "euler_ancestral",
            "heun",
            "dpm_2",
            "dpm_2_ancestral",
            "lms",
            "dpmpp_2s_ancestral",
            "dpmpp_sde",
            "dpmpp_sde_gpu",
            "dpmpp_2m",
            "dpmpp_2m_sde",
            "dpmpp_2m_sde_gpu",
            "dpmpp_2m_sde_heun",
            "dpmpp_2m_sde_heun_gpu",
            "dpmpp_3m_sde",
            "dpmpp_3m_sde_gpu",
            "ddpm",
            "lcm",
            "deis",
            "ddim",
            "uni_pc",
            "uni_pc_bh2");

    /** What a spacing is here: words after the method's name, or settings of its timesteps. */
    private static final Map<String, String> SPACED = Map.of(
            "karras", "Karras",
            "exponential", "Exponential",
            "sgm_uniform", "SGM Uniform",
            "beta", "Beta");

    private static final Map<String, Map<String, String>> SET = Map.of(
            "normal", Map.of(),
            "simple", Map.of("timestep_spacing", "trailing"),
            "ddim_uniform", Map.of("timestep_spacing", "leading", "steps_offset", "1"));

    static final List<String> SPACINGS =
            List.of("normal", "karras", "exponential", "sgm_uniform", "simple", "ddim_uniform", "beta");

    /** Methods that visit trained timesteps. */
    private static final List<String> WITHOUT_SPACING = List.of("DDPM", "LCM", "DDIM");

    private ComfySamplers() {}

    /**
     * A method and its settings.
     *
     * @param name of ours
     * @param settings of the scheduler
     */
    record Method(String name, Map<String, String> settings) {
        Method {
            settings = Map.copyOf(settings);
        }
    }

    /**
     * What a node's two names mean; empty if the method does not take the spacing.
     *
     * @param sampler one of {@link #NAMES}
     * @param spacing one of {@link #SPACINGS}
     */
    static Optional<Method> of(String sampler, String spacing) {
        String name = METHODS.get(sampler);
        if (SPACED.containsKey(spacing)) {
            return WITHOUT_SPACING.contains(name)
                    ? Optional.empty()
                    : Optional.of(new Method(name + " " + SPACED.get(spacing), settings(sampler, Map.of())));
        }
        return name.equals("LCM") && !SET.get(spacing).isEmpty()
                ? Optional.empty()
                : Optional.of(new Method(name, settings(sampler, SET.get(spacing))));
    }

    /** The spacings that a method takes. */
    static List<String> spacings(String sampler) {
        return SPACINGS.stream()
                .filter(spacing -> of(sampler, spacing).isPresent())
                .toList();
    }

    private static Map<String, String> settings(String sampler, Map<String, String> settings) {
        if (!sampler.equals("uni_pc")) {
            return settings;
        }
        Map<String, String> all = new HashMap<>(settings);
        all.put("solver_type", "bh1");
        return all;
    }
}
