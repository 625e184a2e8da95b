@org.jspecify.annotations.NullMarked
package dev.mlit;
