"""SERVICE calls to servers that the operator allows, made through a gate that the engine cannot get round."""
