package io.latent4j.schedulers;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import io.latent4j.core.packages.PackageRules;

@AnalyzeClasses(packages = "io.latent4j.schedulers", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackagesTest {

    @ArchTest
    static void formNoCycles(JavaClasses classes) {
        PackageRules.requireNoCycles(classes, "schedulers");
    }

    @ArchTest
    static void areSmall(JavaClasses classes) {
        PackageRules.requireSmall(classes);
    }
}
