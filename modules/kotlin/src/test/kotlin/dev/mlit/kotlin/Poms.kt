package dev.mlit.kotlin

import java.nio.file.Files
import java.nio.file.Path

/** What the POMs of the repository say. */
internal object Poms {
    val library: String = Files.readString(Path.of("pom.xml"))
    val modules: String = Files.readString(Path.of("modules/pom.xml"))
    val kotlin: String = Files.readString(Path.of("modules/kotlin/pom.xml"))

    /** That of the library, which all artifacts have. */
    val version: String = version(library)

    /** The first version of a POM that is its own. */
    fun version(pom: String): String = value(pom, "version")

    /** The first value of an element. */
    fun value(pom: String, element: String): String =
        checkNotNull(Regex("<$element>([^<]+)</$element>").find(pom)) { element }.groupValues[1]
}
